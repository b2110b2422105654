/** Finds a Chromium, wherever this machine may have one, and Playwright's Firefox; starts them. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, firefox } from 'playwright-core';

/** An executable, and what its environment needs beyond ours. */
export interface Found {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isFirefox?: boolean;
}

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe',
];

/** Works for root, in a network that leads nowhere, and asks nobody for anything. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** $BROWSER_PATH, then an installed one, then the one that came with `npm ci`; null if there is none of them. */
export async function findBrowser(): Promise<Found | null> {
  const { BROWSER_PATH } = process.env;
  if (BROWSER_PATH) return { path: BROWSER_PATH, env: {} };
  const installed = INSTALLED.find((path) => existsSync(path));
  return installed === undefined ? unpacked() : { path: installed, env: {} };
}

/** The same, with a warning where there is none: there its tests are skipped, but not on CI. */
export async function wantedBrowser(): Promise<Found | null> {
  const found = await findBrowser();
  if (found !== null) return found;
  const words = 'no Chromium: set BROWSER_PATH, or install one';
  if (process.env['CI']) throw new Error(words);
  console.warn(`THE BROWSER TESTS ARE SKIPPED: ${words}`);
  return null;
}

/** The one that `npx playwright install firefox` has put there; no other speaks to Playwright, and nobody has to have it. */
export function findFirefox(): Found | null {
  try {
    const path = firefox.executablePath();
    return existsSync(path) ? { path, env: {}, isFirefox: true } : null;
  } catch {
    return null; // there is none for this platform
  }
}

/** Where this is set, @sparticuz/chromium takes the machine for a bare one and unpacks the libraries it needs as well. */
const LAMBDA = 'AWS_LAMBDA_JS_RUNTIME';

/** @sparticuz/chromium: a Chromium for Linux on x64, packed for a machine that has none of its libraries. */
async function unpacked(): Promise<Found | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const runtime = process.env[LAMBDA];
  process.env[LAMBDA] ??= 'nodejs22.x';
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    const path = await packed.executablePath();
    return { path, env: { LD_LIBRARY_PATH: join(tmpdir(), 'al2023', 'lib'), FONTCONFIG_FILE: await fonts() } };
  } catch {
    return null;
  } finally {
    if (runtime === undefined) delete process.env[LAMBDA];
  }
}

/** A bare machine has no font with Chinese in it, nor one with emoji: two come from npm, and stand behind what there is. */
async function fonts(): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  const [chinese, emoji] = ['zcool-xiaowei', 'noto-emoji'].map((name) => dirname(resolve(`@expo-google-fonts/${name}/package.json`)));
  const file = fileURLToPath(new URL('fonts.conf', import.meta.url));
  const folders = ['/usr/share/fonts', `${chinese}/400Regular`, `${emoji}/400Regular`].map((folder) => `<dir>${folder}</dir>`).join('');
  const packed = `<include ignore_missing="yes">${join(tmpdir(), 'fonts', 'fonts.conf')}</include>`;
  await writeFile(file, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${packed}${folders}</fontconfig>`);
  return file;
}

export function launch({ path, env, isFirefox = false }: Found): Promise<Browser> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const options = { executablePath: path, headless: true, env: { ...Object.fromEntries(inherited), ...env } };
  return isFirefox ? firefox.launch(options) : chromium.launch({ ...options, args: ARGUMENTS });
}
