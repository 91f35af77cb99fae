import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { eventually, runTypeScript } from '@parley/testing';

function start(mode: string) {
  const file = fileURLToPath(new URL('./stoppable-process.ts', import.meta.url));
  const child = runTypeScript(file, { args: [mode] });
  let lines = '';
  child.stdout?.on('data', (text: Buffer) => (lines += text.toString()));
  return { child, lines: () => lines, closed: once(child, 'close') };
}

async function stopped(mode: string) {
  const { child, lines, closed } = start(mode);
  await eventually(() => lines().includes('started'), { timeoutMs: 15_000 });
  child.kill('SIGTERM');
  const [code] = (await closed) as [number];
  return { code, lines: lines() };
}

describe('runService', () => {
  it('closes the app on SIGTERM and exits with 0', async () => {
    const { code, lines } = await stopped('closes');
    expect(code).toBe(0);
    expect(lines).toContain('"closed"');
  });

  it('goes on for as long as it is told to before it closes the app', async () => {
    const { code, lines } = await stopped('drains');
    expect(code).toBe(0);
    expect(lines).toMatch(/still serving[^]*"closed"/);
  });

  it('exits with 1 at the deadline when the app does not close', async () => {
    const { code, lines } = await stopped('hangs');
    expect(code).toBe(1);
    expect(lines).toContain('not stopped in time');
  });

  it('logs what nobody caught and exits with 1', async () => {
    const { lines, closed } = start('rejects');
    const [code] = (await closed) as [number];
    expect(code).toBe(1);
    expect(lines()).toContain('nobody waits for this');
  });
});
