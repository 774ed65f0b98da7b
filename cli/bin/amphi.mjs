#!/usr/bin/env node
// Runs the command on a Node that can: this one, or the Node 24 among the npm packages. Plain JavaScript for old Nodes.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const packaged = pathOf(`../../node_modules/node-${process.platform}-${process.arch}/bin/node`);

if (Number(process.versions.node.split('.')[0]) >= 24) {
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(packaged)) {
  const { status } = spawnSync(packaged, [pathOf(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  process.stderr.write(`amphi needs Node 24 or newer, and this is ${process.version}.\n`);
  process.exitCode = 1;
}
