import { useCallback, useEffect, useState } from 'preact/hooks';
import type { IngestPorts, StreamKey } from './client.ts';
import { Act, attempt, Copyable, type Props } from './parts.tsx';

const NO_PORTS: IngestPorts = { rtmp: { port: null, tlsPort: null }, srt: { port: null } };

/** Keys with which OBS and other programs publish into the room. */
export function Keys({ context, live }: Omit<Props, 'state'>) {
  const [keys, setKeys] = useState<readonly StreamKey[]>([]);
  const [shown, setShown] = useState<{ id: string; key: string; passphrase: string } | null>(null);
  const [ports, setPorts] = useState<IngestPorts>(NO_PORTS);
  const load = useCallback(async () => {
    const asked = live.keys().then(({ keys: all, ...taken }) => {
      setKeys(all);
      setPorts(taken);
    });
    await attempt(context, asked);
  }, [context, live]);
  useEffect(() => void load(), [load]);
  const rtmp = rtmpAddress(ports.rtmp);
  const srt = srtAddress(ports.srt);
  const server = new URL(`/whip/${encodeURIComponent(context.call.room?.id ?? '')}`, location.origin).href;
  const create = async () => {
    setShown(await live.createKey(context.text('live.key.name')));
    await load();
  };
  return (
    <details class="live-section">
      <summary>{context.text('live.keys')}</summary>
      <p class="live-note">{context.text('live.keys.about')}</p>
      <Copyable context={context} label={context.text('live.key.server')} value={server} />
      {rtmp !== null && (
        <>
          <p class="live-note">{context.text('live.keys.rtmp')}</p>
          <Copyable context={context} label={context.text('live.key.rtmp')} value={rtmp} />
        </>
      )}
      {srt !== null && <p class="live-note">{context.text('live.keys.srt', { address: srt })}</p>}
      {shown !== null && (
        <div class="live-secret">
          <Copyable context={context} label={context.text('live.key.secret')} value={shown.key} />
          {srt !== null && (
            <Copyable
              context={context}
              label={context.text('live.key.srt')}
              value={`${srt}?streamid=${shown.id}&passphrase=${shown.passphrase}`}
            />
          )}
          <p class="live-note">{context.text('live.key.once')}</p>
        </div>
      )}
      <ul class="live-list">
        {keys.map((key) => (
          <li key={key.id} class="live-item">
            <span class="live-item-text">
              <strong>{key.name}</strong>
              <small>
                {key.usedAt === null
                  ? context.text('live.key.unused')
                  : context.text('live.key.used', { when: new Date(key.usedAt).toLocaleString(context.locale()) })}
              </small>
            </span>
            <Act
              context={context}
              run={async () => {
                setShown({ id: key.id, ...(await live.rotateKey(key.id)) });
                await load();
              }}
            >
              {context.text('live.key.rotate')}
            </Act>
            <Act
              context={context}
              run={async () => {
                await live.revokeKey(key.id);
                if (shown?.id === key.id) setShown(null);
                await load();
              }}
            >
              {context.text('live.key.revoke')}
            </Act>
          </li>
        ))}
      </ul>
      <Act context={context} run={create}>
        {context.text('live.key.new')}
      </Act>
    </details>
  );
}

/** Where this server takes RTMP, as a program is to be told: with TLS where there is any. */
function rtmpAddress({ port, tlsPort }: IngestPorts['rtmp']): string | null {
  const { hostname } = location;
  if (tlsPort !== null) return `rtmps://${hostname}:${tlsPort}/live`;
  if (port === null) return null;
  return `rtmp://${hostname}${port === 1935 ? '' : `:${port}`}/live`;
}

/** Where this server takes SRT; the id of the key, which it shows on its way, is put behind it, and the passphrase, which it does not. */
function srtAddress({ port }: IngestPorts['srt']): string | null {
  return port === null ? null : `srt://${location.hostname}:${port}`;
}
