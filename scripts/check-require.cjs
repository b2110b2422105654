// CommonJS can require the built package, and gets what an import gets: one copy of every class.
const required = require('margay');

import('margay').then((imported) => {
  const odd = Object.keys(imported).filter((name) => imported[name] !== required[name]);
  console.log(odd.length === 0 ? 'require() and import give the same' : `not the same: ${odd.join(', ')}`);
  process.exitCode = odd.length === 0 ? 0 : 1;
});
