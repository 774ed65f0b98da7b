// The one entry behind `npm start`, `npm test`, `npm run check`, `npm run dev` and `npm run doctor`. It runs on any Node that
// has ES modules, only to say which Node is needed; the rest is loaded after that.
const usage =
  'Usage: npm start [-- server options] | npm test [-- --only unit|integration|e2e] | npm run check | npm run dev | npm run build | npm run doctor | npm run backup -- FOLDER';

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    process.stderr.write(
      `Amphi needs Node 20 or newer to set itself up, and this is ${process.version}: please update Node.\n`,
    );
    return 1;
  }
  const { perform } = await import('./commands.mjs');
  return perform(process.argv[2], process.argv.slice(3), usage);
}

process.exitCode = await main();
