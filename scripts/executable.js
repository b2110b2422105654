// The compiler writes no file that can be run as a command; npm sees to it when it installs one, and not when one is rebuilt.
import { chmodSync } from 'node:fs';

for (const file of process.argv.slice(2)) chmodSync(file, 0o755);
