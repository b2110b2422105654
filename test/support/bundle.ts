/** Bundles a page's script for a browser, with margay as npm would install it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { root } from './project.js';

export interface Bundle {
  readonly code: string;
  /** The files it is made of: ours by their path in `dist`, others by that behind `node_modules`. */
  readonly inputs: readonly string[];
  readonly warnings: readonly string[];
  /** What it still wants to import when it runs. */
  readonly imports: readonly string[];
}

/** The package is package.json, and what the tests were compiled from; esbuild's process ends with the bundle. */
export async function bundled(script: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'margay-page-'));
  const modules = join(folder, 'node_modules');
  try {
    mkdirSync(join(modules, 'margay'), { recursive: true });
    cpSync(join(root, 'package.json'), join(modules, 'margay', 'package.json'));
    cpSync(join(root, 'dist-test', 'src'), join(modules, 'margay', 'dist'), { recursive: true });
    for (const name of ['reflect-metadata', 'path-to-regexp', 'tinyglobby', 'ws'])
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    cpSync(join(root, script), join(folder, 'page.ts'));
    const { outputFiles, metafile, warnings } = await build({
      absWorkingDir: folder,
      entryPoints: ['page.ts'],
      bundle: true,
      write: false,
      metafile: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
    });
    const [output] = Object.values(metafile.outputs);
    return {
      code: outputFiles[0]?.text ?? '',
      inputs: Object.keys(metafile.inputs).map((file) => file.replace(/^.*node_modules\/(?:margay\/)?/, '')),
      warnings: warnings.map(({ text }) => text),
      imports: (output?.imports ?? []).map(({ path }) => path),
    };
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
