/** `npm run bench`: what a message costs inside, and echo against bare ws in the same run. Ratios, never absolute times. */
import { dispatch } from './dispatch.js';
import { echo } from './echo.js';

const only = process.argv[2];
if (only === undefined || only === 'dispatch') await dispatch();
if (only === undefined || only === 'echo') await echo();
