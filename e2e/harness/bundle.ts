import { build } from 'vite';

/** Bundles a module of ours for a browser and answers the code, an ES module without imports. */
export async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ['es'] },
    },
  });
  const [bundled] = [result].flat();
  if (!bundled || !('output' in bundled)) throw new Error(`${entry} could not be bundled.`);
  return bundled.output[0].code;
}
