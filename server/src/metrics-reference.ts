import { createMetrics } from './metrics.ts';

/** docs/metrics.md */
export function metricsReference(): string {
  const rows = createMetrics(new Set())
    .describe()
    .map(({ name, type, labels, help }) => ({ name, cells: [`\`${name}\``, type, labels.join(', '), help] }));
  const table = (entries: typeof rows) =>
    tableOf(
      ['metric', 'type', 'labels', 'what it is'],
      entries.map(({ cells }) => cells),
    );
  const own = rows.filter(({ name }) => name.startsWith('amphi_'));
  const process = rows.filter(({ name }) => !name.startsWith('amphi_'));
  return `# Metrics

\`GET /metrics\` answers in the format of Prometheus: to this machine only, unless the setting \`metrics\` says \`all\`, and
then the proxy in front has to keep others out. Figures for which the media workers have to be asked are at most 2 s old,
and are read only when somebody asks: scrape as often as you like. Labels never name rooms or people.

This page is made from the code by \`node server/src/docs.ts\`.

## Amphi

${table(own)}

\`method\` is one of [the protocol's](protocol.md), or \`unknown\`; \`code\` is \`ok\` or the error's; \`source\` is \`camera\`,
\`microphone\`, \`screen\` or \`screen-audio\`; \`protocol\` is \`udp\`, \`tcp\` or, for a transport without a connection, \`none\`;
of programs it is \`whip\`, \`rtmp\` or \`srt\`;
\`direction\` is \`in\` or \`out\`. Calls of two that are connected directly have transports here, and no bytes.

## The server's process

As every program with prom-client has them; the event loop's lag (\`nodejs_eventloop_lag_p99_seconds\`) tells first when
the process has too much to do.

${table(process)}

## Worth an alert

\`\`\`yaml
groups:
  - name: amphi
    rules:
      - alert: AmphiWorkerLost
        expr: increase(amphi_workers_lost_total[10m]) > 0
      - alert: AmphiWorkerFull
        expr: rate(amphi_worker_cpu_seconds_total[2m]) > 0.85
        for: 5m
      - alert: AmphiRelayDown
        expr: amphi_turn_state{state="failed"} == 1
        for: 2m
      - alert: AmphiLoss
        expr: amphi_media_loss_ratio > 0.05
        for: 5m
      - alert: AmphiSlowJoins
        expr: histogram_quantile(0.95, sum by (le) (rate(amphi_join_duration_seconds_bucket[5m]))) > 1
        for: 5m
      - alert: AmphiInternalErrors
        expr: increase(amphi_requests_total{code="internal"}[10m]) > 0
\`\`\`
`;
}

/** A table of Markdown with its columns in line. */
function tableOf(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  );
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
