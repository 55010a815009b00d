// Writes DIR/NAME.abi and DIR/NAME.bin for every deployable contract, out of forge's output.
// Entries and keys are sorted, so that equal sources give equal bytes.
'use strict';
const fs = require('fs');
const path = require('path');

const NAMES = ['DevToken', 'JobEscrow', 'Settlement', 'StakeVault'];

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};
const order = (entry) =>
  [entry.type, entry.name ?? '', ...(entry.inputs ?? []).map((input) => input.type)].join(' ');
const byOrder = (a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0);

const dir = process.argv[2];
fs.mkdirSync(dir, { recursive: true });
for (const name of NAMES) {
  const { abi, bytecode } = JSON.parse(
    fs.readFileSync(path.join(__dirname, 'out', `${name}.sol`, `${name}.json`), 'utf8'),
  );
  const hex = bytecode.object.replace(/^0x/, '');
  if (!/^([0-9a-f]{2})+$/.test(hex)) throw new Error(`${name}: the byte code is not linked`);
  const lines = [...abi].sort(byOrder).map((entry) => JSON.stringify(sorted(entry)));
  fs.writeFileSync(path.join(dir, `${name}.abi`), `[\n${lines.join(',\n')}\n]\n`);
  fs.writeFileSync(path.join(dir, `${name}.bin`), hex); // no newline: readers take it as it is
}
