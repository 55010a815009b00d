// Answers the two calls that forge makes to a native solc, with the compiler from npm:
//   --version                      the version, in the native format
//   ... --standard-json            compiles the JSON on standard input
// forge sends every source as content, so no import callback and no path option is needed.
'use strict';
const fs = require('fs');
const solc = require('solc');

const args = process.argv.slice(2);
if (args.includes('--version')) {
  const version = solc.version().replace('.Emscripten.clang', '.Linux.g++');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (args.includes('--standard-json')) {
  process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8')));
} else {
  console.error(`solc-js: expected --version or --standard-json, got: ${args.join(' ')}`);
  process.exit(2);
}
