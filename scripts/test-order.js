// In which order jest runs the test files: as ever, but those with a browser at the end. A Chromium has processes of its own, beside
// which a test of the other kind, that gives a peer a second, would wait longer than it means to.
import { createRequire } from 'node:module';

// jest's own, wherever it has been installed
const requireOfJest = createRequire(createRequire(import.meta.url).resolve('jest/package.json'));
const { default: Sequencer } = createRequire(requireOfJest.resolve('@jest/core/package.json'))('@jest/test-sequencer');

export default class BrowsersLast extends Sequencer {
  sort(tests) {
    const needsBrowser = ({ context }) => Number(context.config.displayName?.name === 'browser');
    return super.sort(tests).sort((a, b) => needsBrowser(a) - needsBrowser(b));
  }
}
