import { chromium } from '@playwright/test';
import { execSync } from 'node:child_process';
import { launchOptions } from '../harness/chromium.ts';
import { Server } from '../harness/server.ts';
import { installInstruments } from '../page/instruments.ts';
const n = Number(process.argv[2] ?? 2);
const [w, h] = (process.argv[3] ?? '1280x720').split('x').map(Number);
const server = await Server.start();
const o = launchOptions();
o.args!.push(...process.argv.slice(4));
const b = await chromium.launch(o);
const room = await server.createRoom();
const pages = [];
for (let i = 0; i < n; i++) {
  const c = await b.newContext({ baseURL: server.origin, viewport: { width: w!, height: h! } });
  await c.addInitScript(installInstruments, { plainAudio: true });
  const p = await c.newPage();
  await p.goto(room.path);
  await p.getByRole('textbox', { name: 'Your name' }).fill('P' + i);
  await p.getByRole('button', { name: 'Join now' }).click();
  await p.getByRole('toolbar').waitFor();
  pages.push(p);
}
await new Promise((r) => setTimeout(r, 9000));
const cpu = () =>
  Object.fromEntries(
    execSync("ps -eo pid,cputimes,args --no-headers | grep -E 'chromium|mediasoup|main.ts' | grep -v grep")
      .toString()
      .trim()
      .split('\n')
      .map((l) => {
        const m = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(l)!;
        const type = /--type=(\S+)/.exec(m[3]!)?.[1] ?? m[3]!.slice(0, 30);
        const sub = /--utility-sub-type=(\S+)/.exec(m[3]!)?.[1] ?? '';
        return [m[1], [type + ' ' + sub, Number(execSync(`awk '{print $14+$15}' /proc/${m[1]}/stat`).toString())]];
      }),
  ) as Record<string, [string, number]>;
const a = cpu();
await new Promise((r) => setTimeout(r, 10000));
const z = cpu();
for (const [pid, [name, t]] of Object.entries(z)) {
  const d = t - (a[pid]?.[1] ?? t);
  if (d > 5) console.log(name, (d / 10).toFixed(0) + '%');
}
console.log(await pages[0]!.evaluate(() => (window as any).amphi.call.path));
await b.close();
await server.stop();
