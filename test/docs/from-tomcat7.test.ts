/** The examples of docs/from-tomcat7.md, run as they stand there. */
import type { Server } from 'node:http';
import { afterEach, expect, it } from '@jest/globals';
import type { ServerContainer } from 'margay';
import { eventually } from '../support/eventually.js';
import { Peer } from '../support/peer.js';

let container: ServerContainer | undefined;
let server: Server | undefined;

afterEach(async () => {
  await container?.close();
  server?.close();
  server?.closeAllConnections();
});

it('[TC7-1, TC7-3] an echo', async () => {
  ({ container } = await import('./examples/from-tomcat7-1.js'));
  const peer = await Peer.open(`${container.url.replace('http', 'ws')}/websocket/echo`);
  peer.send('小明 🐈');
  expect(await peer.next()).toBe('小明 🐈');
  await peer.close();
});

it('[TC7-8] servlets on a server of yours', async () => {
  const example = await import('./examples/from-tomcat7-2.js');
  ({ container, server } = example);
  const pages = await Promise.all([1, 2].map(() => Peer.open(`${example.container.url.replace('http', 'ws')}/pages`)));
  const body = new URLSearchParams({ message: '你好' });
  await eventually(async () => {
    const answer = await fetch(`${example.container.url}/push`, { method: 'POST', body });
    expect(await answer.text()).toBe('sent to 2\n');
  });
  expect(await Promise.all(pages.map((page) => page.next()))).toEqual(['你好', '你好']);
  expect((await fetch(`${example.container.url}/other`)).status).toBe(404);
  for (const page of pages) await page.close();
});
