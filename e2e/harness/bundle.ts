import { build } from 'vite';

/**
 * What a context needs for a page that a test answers itself: the browser does not know from which network such a page
 * came, and would not let it speak to a server on this machine.
 */
export const OWN_PAGE = { permissions: ['local-network-access', 'camera', 'microphone'] };

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
