/** Tomcat, in a Java process of its own that this one starts; its processor's time is not this process's. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Role } from './protocol.js';

/** Where Debian puts them, and other systems may; `BENCH_TOMCAT` names another folder. */
const JARS = process.env['BENCH_TOMCAT'] ?? '/usr/share/java';
const NAMES = ['core', 'websocket', 'el'].map((name) => `tomcat10-embed-${name}.jar`);
const source = fileURLToPath(new URL('../../bench/servers/TomcatServer.java', import.meta.url));
const classes = fileURLToPath(new URL('java', import.meta.url));

export async function tomcat(role: Role): Promise<number> {
  const jars = NAMES.map((name) => `${JARS}/${name}`);
  if (!jars.every((jar) => existsSync(jar)))
    throw new Error("Tomcat is not installed; install Debian's libtomcat10-embed-java, or set BENCH_TOMCAT");
  const path = jars.join(':');
  const compiled = spawnSync('javac', ['-nowarn', '-Xlint:-deprecation', '-cp', path, '-d', classes, source], { encoding: 'utf8' });
  if (compiled.error !== undefined) throw new Error('there is no javac; install a JDK');
  if (compiled.status !== 0) throw new Error(compiled.stderr);
  const java = spawn('java', ['-cp', `${path}:${classes}`, 'TomcatServer', role], { stdio: ['pipe', 'pipe', 'ignore'] });
  process.on('exit', () => java.kill());
  const [line] = (await Promise.race([once(createInterface({ input: java.stdout }), 'line'), once(java, 'exit').then(() => [''])])) as [
    string,
  ];
  if (line === '') throw new Error('Tomcat does not start');
  return Number(line);
}
