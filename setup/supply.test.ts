import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { auditVerdict } from './lib/audit.mjs';

const root = dirname(import.meta.dirname);
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe('npm audit', () => {
  const report = (severity: string) =>
    JSON.stringify({
      vulnerabilities: { left: { name: 'left', severity, range: '<2' } },
      metadata: { vulnerabilities: { total: 1 } },
    });

  test.each(['high', 'critical'])('stops at a %s weakness, and names it', (severity) => {
    expect(auditVerdict(report(severity))).toEqual({
      state: 'bad',
      text: expect.stringContaining(`${severity}: left <2`),
    });
  });

  test('does not stop at less', () => {
    expect(auditVerdict(report('moderate')).state).toBe('good');
    expect(auditVerdict(JSON.stringify({ vulnerabilities: {}, metadata: { vulnerabilities: {} } })).state).toBe('good');
  });

  test.each([
    [
      'a registry without this service',
      'npm warn audit 405 {x}\n{"message":"405 Method Not Allowed","statusCode":405}\nnpm error',
    ],
    ['no network', 'npm error code ENOTFOUND'],
    ['nothing', ''],
  ])('says SKIP loudly with %s, which is no pass', (_what, output) => {
    const { state, text } = auditVerdict(output);
    expect(state).toBe('unknown');
    expect(text).toMatch(/^SKIP: npm audit/);
  });
});

test('every package that has an install script was looked at, and none may run it', () => {
  const lock = readJson(join(root, 'package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const { allowScripts } = readJson(join(root, 'package.json')) as { allowScripts: Record<string, boolean> };
  const withScript = Object.entries(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(withScript).toContain('mediasoup');
  expect(withScript.filter((name) => !(name in allowScripts))).toEqual([]);
  // The media worker is fetched or built by our own set-up, where a failure can be explained.
  expect(Object.values(allowScripts).every((allowed) => !allowed)).toBe(true);
  expect(readFileSync(join(root, '.npmrc'), 'utf8')).toContain('ignore-scripts=true');
});

test('the bill of materials names what is shipped, with versions and licences, and nothing that is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-sbom-'));
  try {
    const path = join(folder, 'sbom.json');
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'setup', 'sbom.mjs'), path], {
      encoding: 'utf8',
      cwd: root,
    });
    expect([status, stderr]).toEqual([0, '']);
    const bom = readJson(path) as {
      bomFormat: string;
      components: { name: string; version: string; purl: string; licenses?: unknown[] }[];
    };
    expect(bom.bomFormat).toBe('CycloneDX');
    const byName = new Map(bom.components.map((component) => [component.name, component]));
    expect(byName.get('mediasoup')).toMatchObject({
      purl: expect.stringMatching(/^pkg:npm\/mediasoup@/),
      licenses: [{ license: { id: 'ISC' } }],
    });
    for (const shipped of ['socket.io', 'hono', 'jose', 'zod', 'preact']) expect([...byName.keys()]).toContain(shipped);
    for (const tool of ['vitest', 'typescript', '@playwright/test']) expect([...byName.keys()]).not.toContain(tool);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 30_000);
