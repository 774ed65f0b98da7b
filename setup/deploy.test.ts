import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../server/src/config/load.ts';
import { configSchema } from '../server/src/config/schema.ts';

// What deploy/ promises, read from the files themselves. There is no container engine where the tests run.

const root = dirname(import.meta.dirname);
const read = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const defaults = configSchema.parse({});

/** A tag or a digest, and not the one that is always another. */
const PINNED = /^[\w.-]+(:\d+)?(\/[\w.-]+)*(:(?!latest)[\w.-]+|@sha256:[0-9a-f]{64})$/;

/** The instructions of a Dockerfile with continued lines joined, comments left out. */
function instructions(text: string): { name: string; value: string }[] {
  return text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(/\s/, 1)[0] ?? '', value: line.slice(line.indexOf(' ') + 1).trim() }));
}

describe('the image', () => {
  const all = instructions(read('Dockerfile'));
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
  const valueOf = (name: string) => last.findLast((each) => each.name === name)?.value;

  test('is built in one stage and runs in another, from pinned images', () => {
    expect(all.filter(({ name }) => name === 'FROM')).toHaveLength(2);
    const images = all.filter(({ name }) => name === 'ARG').map(({ value }) => value.split('=')[1] ?? '');
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(PINNED);
  });

  test('runs as somebody who owns only the data', () => {
    expect(valueOf('USER')).toBe('10001:10001');
    // Nothing is done any more as that user, or as another.
    const after = last.slice(last.findIndex(({ name }) => name === 'USER') + 1).map(({ name }) => name);
    expect(after).not.toContain('RUN');
    expect(after).not.toContain('USER');
    expect(last.find(({ name }) => name === 'COPY')?.value).toContain('--chown=root:root');
    expect(valueOf('VOLUME')).toBe('/data');
    expect(valueOf('ENV')).toContain('AMPHI_DATA_DIR=/data');
  });

  test('has a health check, gets signals itself, and holds no secret', () => {
    expect(valueOf('HEALTHCHECK')).toContain('deploy/healthcheck.mjs');
    expect(valueOf('ENTRYPOINT')).toBe('["node", "/app/server/src/main.ts"]');
    expect(valueOf('STOPSIGNAL')).toBe('SIGTERM');
    const set = all.filter(({ name }) => name === 'ENV' || name === 'ARG').map(({ value }) => value);
    expect(set.join('\n')).not.toMatch(/secret|password|token|key/i);
    const ignored = read('Dockerfile.dockerignore').split('\n');
    for (const name of ['.git', '**/node_modules', 'data']) expect(ignored).toContain(name);
  });

  test('names the ports that the configuration has', () => {
    const ports = valueOf('EXPOSE')?.split(/\s+/);
    expect(ports).toContain(`${defaults.port}/tcp`);
    expect(ports).toContain(`${defaults.rtmp.port}/tcp`);
    const [first] = ports?.filter((port) => port.endsWith('/udp')) ?? [];
    expect(first?.startsWith(`${defaults.media.port}-`)).toBe(true);
    expect(ports).toContain(`${defaults.srt.port}/udp`);
    expect(ports).toContain(`${defaults.turn.port}/udp`);
    expect(ports).toContain(`${defaults.turn.port}/tcp`);
    expect(ports).toContain(`${defaults.turn.tlsPort}/tcp`);
  });
});

describe('the compose file', () => {
  type Service = {
    image: string;
    user?: string;
    read_only: boolean;
    cap_drop: string[];
    cap_add?: string[];
    security_opt: string[];
    privileged?: boolean;
    network_mode: string;
    volumes: string[];
    environment: Record<string, string>;
  };
  const { services } = parse(read('compose.yaml')) as { services: { amphi: Service; proxy: Service } };

  test.each(Object.entries(services))(
    '%s writes nowhere but to its volumes, and has no rights to spare',
    (name, service) => {
      expect(service.image).toMatch(PINNED);
      expect(service.read_only).toBe(true);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toContain('no-new-privileges:true');
      expect(service.privileged).toBeUndefined();
      expect(service.cap_add ?? []).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : []);
      expect(service.volumes.join()).not.toContain('docker.sock');
    },
  );

  test('Amphi is the image of this version, as the user of the image', () => {
    expect(services.amphi.image).toBe(`amphi:${version}`);
    expect(services.amphi.user).toBe('10001:10001');
  });

  test('its settings are settings, and the ports those of the configuration', () => {
    const env = Object.fromEntries(
      Object.entries(services.amphi.environment).map(([name, value]) => [
        name,
        String(value)
          .replace(/\$\{AMPHI_DOMAIN[^}]*\}/, 'meet.example.org')
          .replace(/\$\{AMPHI_ADDRESS[^}]*\}/, ''),
      ]),
    );
    const config = loadConfig({ args: [], env });
    expect(config).toMatchObject({ host: '127.0.0.1', port: defaults.port, trustProxy: 1 });
    expect(config.publicUrl).toBe('https://meet.example.org');
    // No proxy stands before programs that publish.
    expect(config.rtmp).toMatchObject({ host: '0.0.0.0', port: defaults.rtmp.port });
    expect(config.srt).toMatchObject({ host: '0.0.0.0', port: defaults.srt.port });
    expect(config.media.port).toBe(defaults.media.port);
    expect(config.turn).toMatchObject({ port: defaults.turn.port, minPort: defaults.turn.minPort });
    expect(config.turn.maxPort).toBe(defaults.turn.maxPort);
    expect(Object.keys(env).join()).not.toMatch(/SECRET|PASSWORD|TOKEN|KEY/);
  });

  test.each(['Caddyfile', 'nginx.conf'])('%s passes everything on to where Amphi listens', (name) => {
    expect(read(name)).toContain(`127.0.0.1:${defaults.port}`);
  });

  test('nginx writes X-Forwarded-For anew, and passes WebSockets on', () => {
    expect(read('nginx.conf')).toContain('X-Forwarded-For $remote_addr;');
    expect(read('nginx.conf')).toContain('proxy_set_header Upgrade $http_upgrade;');
  });
});

describe('the Kubernetes manifest', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml')).map((document) => document.toJS());
  const { spec } = documents[0].spec.template;
  const [container] = spec.containers;

  test('runs one pod a node on the network of the node, with no rights to spare', () => {
    expect(documents.map(({ kind }) => kind)).toEqual(['StatefulSet', 'Service']);
    expect(spec.hostNetwork).toBe(true);
    const [rule] = spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(rule.topologyKey).toBe('kubernetes.io/hostname');
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10_001 });
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.image).toMatch(PINNED);
  });

  test('has settings that are settings, and more time to end than calls may take', () => {
    const env = Object.fromEntries(
      (container.env as { name: string; value?: string }[]).map(({ name, value }) => [name, value ?? '192.0.2.1']),
    );
    const config = loadConfig({ args: [], env });
    expect(config.drainSeconds).toBeGreaterThan(0);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(config.drainSeconds);
    expect(config.port).toBe(container.ports[0].containerPort);
  });
});

const systemd = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
if (systemd.status !== 0) process.stderr.write('SKIP: the systemd unit is not verified, systemd-analyze is not here\n');

describe.skipIf(systemd.status !== 0)('the systemd unit', () => {
  const unit = join(root, 'deploy', 'amphi.service');

  test('is understood by systemd', () => {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    const complaints = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.includes('amphi.service'))
      // Its program, its manual and its user are not on this machine.
      .filter((line) => !/is not executable|Failed to (find|open)|does not exist/.test(line));
    expect(complaints).toEqual([]);
  });

  test('is as locked up as it can be', () => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit], {
      encoding: 'utf8',
    });
    const exposure = Number(/Overall exposure level[^:]*: ([\d.]+)/.exec(stdout)?.[1]);
    // Of 10; 9.6 is a service without any of this.
    expect(exposure).toBeLessThan(2);
  });
});

test('the unit has the promises, whatever systemd thinks of them', () => {
  const unit = read('amphi.service');
  for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=', 'User=amphi']) {
    expect(unit.split('\n')).toContain(line);
  }
});

test('the guide names every port as the configuration has it', () => {
  const guide = readFileSync(join(root, 'docs', 'deploy.md'), 'utf8');
  const { port, media, rtmp, srt, turn } = defaults;
  for (const named of [
    `| ${port} (\`port\`)`,
    `| ${media.port} and up (\`media.port\`)`,
    `| ${rtmp.port} (\`rtmp.port\`)`,
    `| ${srt.port} (\`srt.port\`)`,
    `| ${turn.port} (\`turn.port\`)`,
    `| ${turn.tlsPort} (\`turn.tlsPort\`)`,
    `| ${turn.minPort} to ${turn.maxPort} (\`turn.minPort\`, \`turn.maxPort\`)`,
  ]) {
    expect(guide).toContain(named);
  }
});
