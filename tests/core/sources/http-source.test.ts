import { inspect } from 'node:util';
import {
  type ByteSource,
  type DeadboxError,
  type HttpOptions,
  type HttpRetry,
  httpName,
  httpSiblings,
  isDamage,
  isDeadboxError,
  isTransportError,
  openHttp,
  readInto,
} from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { vhdFooter } from '../../support/image/vhd-writer.js';
import { RangeServer } from '../../support/range-server.js';
import { checkSourceContract, expectSame, generator } from '../../support/source-contract.js';

const MIB = 1 << 20;
const SECRET = 'sig=Zm9vYmFy%2Bsecret';
const PATH = '/vhds/server 07.vhd';
const server = new RangeServer();
const random = generator(7);
const file = new Uint8Array(Uint32Array.from({ length: (5 * MIB + 4096) / 4 }, () => random() * 2 ** 32).buffer);
const FAST = { retryDelay: 1, attempts: 3 } as const;

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
  server.files.clear();
  server.files.set(PATH, file);
});

function open(options: HttpOptions = {}, path = PATH): Promise<ByteSource> {
  return openHttp(`${server.url(path)}?sv=2024&${SECRET}`, { ...FAST, ...options });
}

async function errorOf(promise: Promise<unknown>): Promise<DeadboxError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(isDeadboxError(error), inspect(error)).toBe(true);
  // Whatever goes wrong, nothing that a log could show holds the secret.
  expect(
    `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}${(error as Error).stack}`,
  ).not.toMatch(/sig=|secret|Zm9v/);
  return error as DeadboxError;
}

describe('a file on a server', () => {
  test('reads like the file itself, at any range', async () => {
    const source = await open({ blockSize: 16_384 });
    await checkSourceContract(source, { reference: file, longest: 3 * MIB, rounds: 16 });
  });

  test('is opened by one request, which also brings its beginning', async () => {
    const asked: number[] = [];
    const source = await open({ onRequest: (bytes) => asked.push(bytes) });
    await source.read(0, 4096);
    expect(source.size).toBe(file.length);
    expect(asked).toEqual([65_536]);
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=0-65535']);
  });

  test('is asked for by address, query and headers, and named without the secret parts', async () => {
    const source = await openHttp(`${server.url(PATH).replace('//', '//user:p%40ss@')}?${SECRET}#part`, {
      headers: { 'X-Token': 'abc' },
    });
    expect(server.requests[0]).toMatchObject({ path: PATH, query: SECRET });
    expect(server.requests[0]?.headers).toMatchObject({
      'x-token': 'abc',
      authorization: `Basic ${btoa('user:p@ss')}`,
    });
    expect(source.name).toBe(server.url('/vhds/server%2007.vhd'));
    expect(httpName(`https://user:pass@host/a/b.vhd?${SECRET}#x`)).toBe('https://host/a/b.vhd');
    expect(inspect(source, { depth: 9, showHidden: true })).not.toMatch(/sig=|abc|p@ss|p%40ss/);
  });

  test('asks for neighbours together and for a block only once', async () => {
    const source = await open({ blockSize: 4096 });
    server.requests.length = 0;
    await Promise.all([1_000_000, 1_004_096, 1_020_000, 1_000_100].map(async (at) => source.read(at, 512)));
    expect(server.requests).toHaveLength(1);
    await source.read(1_000_200, 100);
    expect(server.requests).toHaveLength(1);
  });

  test('reads long ranges by parallel requests of one MiB, never more at once than allowed', async () => {
    const source = await open({ parallel: 3 });
    server.requests.length = 0;
    server.latency = 20;
    const target = new Uint8Array(5 * MIB);
    await readInto(source, 4096, target);
    expectSame(target, file.subarray(4096), 'bulk read');
    expect(server.requests).toHaveLength(5);
    expect(server.mostParallel).toBe(3);
  });

  test('of no bytes is empty', async () => {
    server.files.set('/empty.raw', new Uint8Array(0));
    expect((await open({}, '/empty.raw')).size).toBe(0);
  });

  test('is a disk image: the footer of a page blob is found without reading the middle', async () => {
    const blob = new Uint8Array(40 * MIB + 512);
    blob.set(file.subarray(0, MIB), 20 * MIB);
    blob.set(vhdFooter(2, 40 * MIB, 'AAAAAAAA-1111-2222-3333-444444444444', undefined), 40 * MIB);
    server.files.set('/blob.vhd', blob);
    const disk = await openImage(await open({}, '/blob.vhd'));
    expect([disk.format, disk.variant, disk.size]).toEqual(['vhd', 'fixed', 40 * MIB]);
    expectSame(await disk.read(20 * MIB, 512), file.subarray(0, 512), 'a sector in the middle');
    expect(server.requests.map(({ range }) => range)).toEqual([
      'bytes=0-65535',
      `bytes=${40 * MIB - 65_536}-${40 * MIB + 511}`,
      `bytes=${20 * MIB}-${20 * MIB + 65_535}`,
    ]);
  });

  test('has the other files of its folder as siblings, by the same query', async () => {
    server.files.set('/vhds/base #1.vhd', file);
    const siblings = httpSiblings(`${server.url(PATH)}?${SECRET}`, FAST);
    expect((await siblings.open('base #1.vhd'))?.size).toBe(file.length);
    expect(server.requests.at(-1)).toMatchObject({ path: '/vhds/base #1.vhd', query: SECRET });
    expect(await siblings.open('missing.vhd')).toBeUndefined();
    const before = server.requests.length;
    for (const name of ['../secret', 'a/b', 'a\\b', '..', '']) expect(await siblings.open(name)).toBeUndefined();
    expect(server.requests).toHaveLength(before);
  });
});

describe('a server that fails for a while', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    test(`is asked again after ${status}`, async () => {
      const source = await open();
      const before = server.requests.length;
      server.intercept = (_request, response, count) => {
        if (count > before + 2) return false;
        response.writeHead(status).end();
        return true;
      };
      expectSame(await source.read(MIB, 512), file.subarray(MIB, MIB + 512), 'the sector');
      expect(server.requests).toHaveLength(before + 3);
    });
  }

  test('is asked again when the connection breaks or the answer ends too early', async () => {
    const source = await open();
    const before = server.requests.length;
    server.intercept = (_request, response, count) => {
      if (count === before + 1) response.destroy();
      else if (count === before + 2) {
        response.writeHead(206, {
          'content-range': `bytes ${MIB}-${MIB + 65_535}/${file.length}`,
          'content-length': 65_536,
        });
        response.write(new Uint8Array(100));
        setTimeout(() => response.destroy(), 5);
      } else return false;
      return true;
    };
    expectSame(await source.read(MIB, 512), file.subarray(MIB, MIB + 512), 'the sector');
  });

  test('is asked again when no byte comes', async () => {
    const source = await open({ stallTimeout: 500 });
    const before = server.requests.length;
    server.intercept = (_request, _response, count) => count === before + 1;
    expectSame(await source.read(MIB, 512), file.subarray(MIB, MIB + 512), 'the sector');
  });

  test('is given the time that it asks for', async () => {
    const source = await open();
    const before = server.requests.length;
    server.intercept = (_request, response, count) => {
      if (count > before + 1) return false;
      response.writeHead(503, { 'retry-after': '1' }).end();
      return true;
    };
    const start = performance.now();
    await source.read(MIB, 512);
    expect(performance.now() - start).toBeGreaterThan(950);
  });

  test('is given up after the attempts, with the place', async () => {
    const source = await open();
    const before = server.requests.length;
    server.intercept = (_request, response) => {
      response.writeHead(503).end();
      return true;
    };
    const error = await errorOf(Promise.resolve(source.read(2 * MIB, 512)));
    expect(error).toMatchObject({ code: 'READ_FAILED', at: { offset: 2 * MIB }, data: { attempts: 3 } });
    expect(error.message).toContain('503');
    expect(server.requests).toHaveLength(before + 3);
    server.intercept = undefined;
    expectSame(await source.read(2 * MIB, 512), file.subarray(2 * MIB, 2 * MIB + 512), 'the sector, later');
  });

  test('is given up when nothing was answered for the time that is allowed, and shows every attempt', async () => {
    const seen: HttpRetry[] = [];
    const limits = { attempts: 1000, retryDelay: 20, retryTime: 300, onRetry: (retry: HttpRetry) => seen.push(retry) };
    const source = await open(limits);
    server.intercept = (_request, response) => {
      response.writeHead(503, { 'retry-after': '0' }).end();
      return true;
    };
    const began = performance.now();
    const error = await errorOf(Promise.resolve(source.read(2 * MIB, 512)));
    expect(performance.now() - began).toBeLessThan(5000);
    expect(isTransportError(error)).toBe(true);
    expect(isDamage(error)).toBe(false);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen[0]).toMatchObject({ offset: 2 * MIB, reason: 'the server answered 503', attempt: 1, limit: 300 });
    expect(seen.every(({ failingFor }) => failingFor <= 300)).toBe(true);
    // The time is one for the whole source: what is asked next does not wait for as long again.
    const before = server.requests.length;
    await errorOf(Promise.resolve(source.read(3 * MIB, 512)));
    expect(server.requests.length - before).toBe(1);
  });

  test('that asks for more patience than is allowed is given up at once', async () => {
    const source = await open({ retryTime: 1000 });
    server.intercept = (_request, response) => {
      response.writeHead(429, { 'retry-after': '3600' }).end();
      return true;
    };
    const error = await errorOf(Promise.resolve(source.read(2 * MIB, 512)));
    expect(error).toMatchObject({ code: 'READ_FAILED', data: { attempts: 1, transport: 'network' } });
  });

  test('that cannot be reached is named by the system error', async () => {
    const error = await errorOf(openHttp(`http://127.0.0.1:9/disk.vhd?${SECRET}`, { ...FAST, attempts: 1 }));
    expect(error.code).toBe('READ_FAILED');
    expect(error.message).toContain('http://127.0.0.1:9/disk.vhd could not be read');
  });
});

describe('a redirect', () => {
  const headers = { Authorization: `Bearer ${SECRET}`, 'X-Api-Key': SECRET, Cookie: SECRET };
  const elsewhere = new RangeServer();
  beforeAll(() => elsewhere.start());
  afterAll(() => elsewhere.stop());
  beforeEach(() => {
    elsewhere.reset();
    elsewhere.files.set('/real.vhd', file);
  });
  const redirect = (location: string, status = 302): void => {
    server.intercept = ({ path }, response) => {
      if (path === '/real.vhd') return false;
      response.writeHead(status, { location }).end('moved');
      return true;
    };
  };

  test.each([301, 302, 303, 307, 308])('of %i is followed, with the headers on the same host', async (status) => {
    server.files.set('/real.vhd', file);
    redirect('/real.vhd', status);
    const source = await open({ headers });
    expectSame(await source.read(3 * MIB, 512), file.subarray(3 * MIB, 3 * MIB + 512), 'behind the redirect');
    expect(server.requests.at(-1)?.headers).toMatchObject({
      authorization: headers.Authorization,
      'x-api-key': SECRET,
    });
  });

  test('takes none of the headers to another host', async () => {
    redirect(elsewhere.url('/real.vhd'));
    const source = await open({ headers });
    expectSame(await source.read(3 * MIB, 512), file.subarray(3 * MIB, 3 * MIB + 512), 'behind the redirect');
    expect(elsewhere.requests.length).toBeGreaterThan(0);
    for (const request of elsewhere.requests) {
      expect(JSON.stringify(request)).not.toContain(SECRET);
      expect(request.range).toMatch(/^bytes=/);
    }
  });

  test('back to the first host takes them again', async () => {
    server.files.set('/real.vhd', file);
    redirect(elsewhere.url('/there'));
    elsewhere.intercept = (_request, response) => {
      response.writeHead(302, { location: server.url('/real.vhd') }).end();
      return true;
    };
    await open({ headers });
    expect(server.requests.at(-1)?.headers['x-api-key']).toBe(SECRET);
    expect(JSON.stringify(elsewhere.requests)).not.toContain(SECRET);
  });

  test.each([
    ['file:///etc/passwd', /begins with file:/],
    ['data:text/plain,x', /begins with data:/],
    ['http://[', /no address/],
    ['/again', /more than 10 times/],
  ])('to %s is refused', async (location, message) => {
    redirect(location);
    const error = await errorOf(open());
    expect(error).toMatchObject({ code: 'HTTP_REDIRECT_REFUSED', message: expect.stringMatching(message) });
    expect(isTransportError(error)).toBe(true);
  });

  test('from https to http is refused', async () => {
    const asked: string[] = [];
    const fetch = ((url: string) => {
      asked.push(url);
      return Promise.resolve(new Response(null, { status: 302, headers: { location: 'http://plain.example/x' } }));
    }) as typeof globalThis.fetch;
    const error = await errorOf(openHttp('https://secure.example/disk.vhd', { fetch }));
    expect(error).toMatchObject({
      code: 'HTTP_REDIRECT_REFUSED',
      message: expect.stringMatching(/from https to http/),
    });
    expect(asked).toEqual(['https://secure.example/disk.vhd']);
  });

  test('in a browser, which shows no target, is followed only without headers', async () => {
    const opaque = { type: 'opaqueredirect', status: 0, headers: new Headers(), body: null } as Response;
    const modes: (string | undefined)[] = [];
    const fetch = ((_url: string, init: RequestInit) => {
      modes.push(init.redirect);
      if (init.redirect === 'manual') return Promise.resolve(opaque);
      return globalThis.fetch(server.url(PATH), init);
    }) as typeof globalThis.fetch;
    expect((await openHttp('https://a.example/x', { fetch })).size).toBe(file.length);
    expect(modes).toEqual(['manual', undefined]);
    const error = await errorOf(openHttp('https://a.example/x', { fetch, headers: { 'X-Key': 'k' } }));
    expect(error.code).toBe('HTTP_REDIRECT_REFUSED');
  });
});

describe('a server that will not', () => {
  const answer = (status: number, headers: Record<string, string> = {}, body = ''): void => {
    server.intercept = (_request, response) => {
      response.writeHead(status, headers).end(body);
      return true;
    };
  };

  test('support ranges is told apart, without loading the whole file', async () => {
    server.intercept = (_request, response) => {
      response.writeHead(200, { 'content-length': 2 ** 40 });
      response.write(new Uint8Array(1000));
      return true;
    };
    const error = await errorOf(open());
    expect(error.code).toBe('HTTP_RANGES_UNSUPPORTED');
    expect(error.message).toMatch(/range requests/);
  });

  for (const [status, code] of [
    [401, 'SOURCE_DENIED'],
    [403, 'SOURCE_DENIED'],
    [404, 'SOURCE_NOT_FOUND'],
    [410, 'SOURCE_NOT_FOUND'],
    [418, 'READ_FAILED'],
  ] as const) {
    test(`is not asked again after ${status}`, async () => {
      answer(status, {}, `no ${SECRET}`);
      expect((await errorOf(open())).code).toBe(code);
      expect(server.requests).toHaveLength(1);
    });
  }

  test('send the asked range is an error, whatever it sends', async () => {
    for (const range of [
      'bytes 5-9/10',
      'bytes 0-65535/*',
      'bytes 0-99999999999999999999/99999999999999999999',
      'garbage',
      'bytes 0-65535/100',
    ]) {
      answer(206, { 'content-range': range }, 'x'.repeat(65_536));
      expect((await errorOf(open({ attempts: 1 }))).code).toBe('READ_FAILED');
    }
    answer(206, {}, 'x');
    expect((await errorOf(open())).code).toBe('HTTP_RANGES_UNSUPPORTED');
  });

  test('stop sending is cut off at the asked length', async () => {
    server.intercept = (request, response) => {
      if (request.range === 'bytes=0-65535') return false;
      response.writeHead(206, {
        'content-range': `bytes ${MIB}-${MIB + 65_535}/${file.length}`,
        etag: server.files.size.toString(),
      });
      const pour = (): void => {
        while (!response.destroyed && response.write(new Uint8Array(MIB)));
      };
      response.on('drain', pour);
      pour();
      return true;
    };
    const source = await open();
    // The version differs too, but memory stays bounded whatever is sent.
    expect((await errorOf(Promise.resolve(source.read(MIB, 512)))).code).toBe('SOURCE_CHANGED');
  });
});

describe('a file that changes on the server', () => {
  test('is an error in place of bytes of two versions', async () => {
    const source = await open();
    const other = Uint8Array.from(file);
    other[0] ^= 1;
    server.files.set(PATH, other);
    expect((await errorOf(Promise.resolve(source.read(MIB, 512)))).code).toBe('SOURCE_CHANGED');
    server.files.set(PATH, file.subarray(0, MIB));
    expect((await errorOf(Promise.resolve(source.read(2 * MIB, 512)))).code).toBe('SOURCE_CHANGED');
  });

  test('is noticed by Last-Modified where there is no ETag, and by its length where there is neither', async () => {
    let modified = 'Fri, 19 Jul 2024 04:09:35 GMT';
    server.intercept = (request, response) => {
      const [from, to] = (request.range ?? '').replace('bytes=', '').split('-').map(Number) as [number, number];
      const end = Math.min(to + 1, file.length);
      response
        .writeHead(206, { 'last-modified': modified, 'content-range': `bytes ${from}-${end - 1}/${file.length}` })
        .end(file.subarray(from, end));
      return true;
    };
    const source = await open();
    await source.read(MIB, 512);
    modified = 'Fri, 19 Jul 2024 05:27:00 GMT';
    expect((await errorOf(Promise.resolve(source.read(3 * MIB, 512)))).code).toBe('SOURCE_CHANGED');
  });
});

describe('giving up', () => {
  test('ends a read that waits, and the request that nobody waits for', async () => {
    const source = await open();
    let ended = false;
    server.intercept = (_request, response) => {
      response.on('close', () => {
        ended = true;
      });
      return true;
    };
    const controller = new AbortController();
    const reading = Promise.resolve(source.read(MIB, 512, { signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('stop')), 20);
    await expect(reading).rejects.toThrow('stop');
    await expect.poll(() => ended).toBe(true);
  });

  test('ends opening', async () => {
    server.intercept = () => true;
    await expect(open({ signal: AbortSignal.timeout(20) })).rejects.toThrow(/timeout/i);
  });

  test('leaves what another reader waits for alone', async () => {
    const source = await open({ blockSize: 4096 });
    server.latency = 30;
    const controller = new AbortController();
    const first = Promise.resolve(source.read(MIB, 512, { signal: controller.signal })).catch(() => 'gave up');
    const second = Promise.resolve(source.read(MIB + 8192, 512));
    controller.abort(new Error('stop'));
    expect(await first).toBe('gave up');
    expectSame(await second, file.subarray(MIB + 8192, MIB + 8704), 'the other reader');
  });
});

test('an address that is none, or of another scheme, is refused without repeating it', async () => {
  for (const address of ['file:///etc/passwd', `no address ${SECRET}`, 'ftp://host/disk']) {
    expect((await errorOf(openHttp(address))).code).toBe('INVALID_ARGUMENT');
  }
});
