/** Before the first test with a browser: the one from npm is unpacked, once, since several that do it at a time start half of it. */
import { findBrowser } from './browser.js';

export default async function prepare(): Promise<void> {
  await findBrowser();
}
