import type { Config } from '../config/schema.ts';
import { storageOf, storageProblem } from '../recordings/storage.ts';
import { failed, type Finding, ok, skipped } from './finding.ts';

/** Whether recordings can be brought to the storage, read and deleted there. */
export async function examineStorage(config: Config): Promise<Finding> {
  const [id, title] = ['storage', 'Storage of recordings'];
  const store = storageOf(config);
  if (!store) return skipped(id, title, 'They are kept in the data folder ("recordings.storage").');
  const problem = await storageProblem(store, config.s3.prefix);
  if (problem === undefined) return ok(id, title, `${store.name} takes, gives and deletes them.`);
  return failed(
    id,
    title,
    problem,
    'Until then they stay on the disk, which may fill: see "s3." in docs/configuration.md.',
  );
}
