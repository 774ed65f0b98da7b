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
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.int.test.ts'],
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
        },
      },
    ],
  },
});
