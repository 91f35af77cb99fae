import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RpcException } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { EMPTY, throwError } from 'rxjs';
import { type Bus, BusTransport, type Chunk } from '../src/index.js';
import { record, soon } from './contract/harness.js';
import { startEmbeddedHarness } from './embedded-harness.js';

const seen: { topic: string; value: string; signal: unknown }[] = [];
const thrown = new Map<string, () => unknown>();

@Controller()
class Handlers {
  @EventPattern<string>('test.plain')
  async plain(@Payload() chunk: Chunk, @Ctx() signal: AbortSignal): Promise<void> {
    for (const { value } of chunk.records) {
      const text = String(value);
      seen.push({ topic: chunk.source.topic, value: text, signal });
      const fail = thrown.get(text);
      thrown.delete(text);
      if (fail) throw fail();
    }
  }

  @EventPattern<string>('test.stream')
  stream(@Payload() chunk: Chunk) {
    const text = String(chunk.records[0]!.value);
    seen.push({ topic: chunk.source.topic, value: text, signal: undefined });
    const fail = thrown.get(text);
    thrown.delete(text);
    return fail ? throwError(fail) : EMPTY;
  }

  @EventPattern<string>('test.hopeless')
  async hopeless(): Promise<void> {
    throw new Error('never');
  }
}

describe('Nest handlers on the bus', () => {
  let harness: Awaited<ReturnType<typeof startEmbeddedHarness>>;
  let bus: Bus;
  let app: INestMicroservice;
  const onFailure = jest.fn();

  beforeAll(async () => {
    harness = await startEmbeddedHarness();
    bus = await harness.open();
    const topics = ['test.plain', 'test.stream', 'test.hopeless'];
    for (const topic of topics) await bus.ensureTopic({ topic, partitions: 1 });
    const module = await Test.createTestingModule({ controllers: [Handlers] }).compile();
    const strategy = new BusTransport({
      ...{ bus, group: 'test', onFailure },
      topics: { 'test.hopeless': { maxAttempts: 2 }, 'test.plain': { maxRecords: 1 } },
    });
    app = module.createNestMicroservice({ strategy, logger: false });
    await app.listen();
  });

  afterAll(async () => {
    await app.close();
    await bus.close();
    await harness.close();
  });

  const valuesOf = (topic: string) =>
    seen.filter((one) => one.topic === topic).map(({ value }) => value);

  it('get chunks as payload and a signal as context', async () => {
    await bus.publish('test.plain', [record('a', 'first')]);
    await soon(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ topic: 'test.plain', value: 'first' });
    expect(seen[0]!.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    ['an Error', () => new Error('again')],
    ['a TypeError', () => new TypeError('again')],
    ['an RpcException', () => new RpcException('again')],
  ])('get the same chunk again after they threw %s', async (name, error) => {
    thrown.set(name, error);
    await bus.publish('test.plain', [record('a', name), record('a', `after ${name}`)]);
    await soon(() => valuesOf('test.plain').includes(`after ${name}`));
    expect(valuesOf('test.plain').slice(-3)).toEqual([name, name, `after ${name}`]);
  });

  it('get the same chunk again after the stream that they answered failed', async () => {
    thrown.set('x', () => new Error('again'));
    await bus.publish('test.stream', [record('a', 'x')]);
    await soon(() => valuesOf('test.stream').length === 2);
  });

  it('end the service’s consumption, loudly, when they throw for good', async () => {
    await bus.publish('test.hopeless', [record('a')]);
    await soon(() => onFailure.mock.calls.length === 1);
    expect(onFailure.mock.calls[0]![0]).toMatchObject({ code: 'bus/handler-failed' });
  });

  it('can reach the bus through Nest', () => {
    expect(app.unwrap()).toBe(bus);
  });
});
