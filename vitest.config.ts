import { defineConfig } from 'vitest/config';

const areas = '{protocol,rooms,media,egress,server,client,web,features,cli,setup,bench}';

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${areas}/**/*.test.{ts,tsx}`],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.{int,load}.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: [`${areas}/**/*.int.test.ts`],
          exclude: ['**/node_modules/**', '**/dist/**'],
          // These start media workers and move real packets: slower, and better not many at once.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
          // Servers that tests start as people do would all want the one port of each, and say so where it is taken.
          env: { AMPHI_RTMP_PORT: '0', AMPHI_SRT_PORT: '0' },
        },
      },
      {
        test: {
          name: 'load',
          include: [`${areas}/**/*.load.test.ts`],
          exclude: ['**/node_modules/**', '**/dist/**'],
          // What others feel of a load, and when flashes are seen to the millisecond: one after the other, with the machine to
          // themselves.
          testTimeout: 60_000,
          hookTimeout: 90_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
});
