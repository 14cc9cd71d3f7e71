import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ByteSource, isDeadboxError, isTransportError, nbdAddress } from '@deadbox/core';
import { openNbd } from '@deadbox/core/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const SIZE = 3 * (1 << 20) + 512;
const CONTENT = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31) ^ (i >> 7) ^ (i >> 15));

describe('an NBD address', () => {
  test('names a host, a port and an export, or a socket of this machine', () => {
    expect(nbdAddress('nbd://backup.example/vm%201')).toMatchObject({
      exportName: 'vm 1',
      at: { host: 'backup.example', port: 10_809 },
    });
    expect(nbdAddress('nbd://[::1]:9000')).toMatchObject({ exportName: '', at: { host: '::1', port: 9000 } });
    expect(nbdAddress('nbd+unix:///sda?socket=/run/nbd.sock')).toMatchObject({
      exportName: 'sda',
      at: { socket: '/run/nbd.sock' },
    });
  });

  test('never shows who asked', () => {
    expect(nbdAddress('nbd://user:secret@host/x').name).toBe('nbd://host/x');
  });

  test.each(['nbds://host/x', 'nbd+unix:///x', 'nbd://host:99999/x', 'nbd://host/%ff', 'http://host/x'])(
    'that is %s is refused with a reason',
    (text) => {
      expect(() => nbdAddress(text)).toThrow(/no address of a network block device/);
    },
  );
});

/** Waits until a server's socket is there. */
async function appears(path: string): Promise<void> {
  for (let round = 0; round < 400 && !existsSync(path); round += 1) await new Promise((done) => setTimeout(done, 25));
}

async function expectContent(source: ByteSource): Promise<void> {
  expect(source.size).toBe(SIZE);
  for (const [offset, length] of [
    [0, 512],
    [65_535, 3],
    [1_000_001, 77],
    [SIZE - 5, 5],
    [0, SIZE],
    [123, 2_500_000],
  ] as const) {
    const bytes = await source.read(offset, length);
    expect(Buffer.compare(bytes, CONTENT.subarray(offset, offset + length))).toBe(0);
  }
}

describeWithTools(['qemu-nbd', 'nbdkit', 'qemu-img'], 'an export of a real server', () => {
  const folder = temporaryFolder();
  const servers: ChildProcess[] = [];
  const raw = join(folder, 'disk.raw');
  const serve = async (tool: string, args: readonly string[], socket: string): Promise<void> => {
    servers.push(spawn(tool, args, { stdio: 'ignore' }));
    await appears(socket);
  };
  beforeAll(() => writeFileSync(raw, CONTENT));
  afterAll(() => servers.forEach((server) => server.kill()));

  test('of qemu-nbd reads as the disk that it holds', async () => {
    const image = join(folder, 'disk.qcow2');
    run('qemu-img', ['convert', '-O', 'qcow2', raw, image]);
    const socket = join(folder, 'qemu.sock');
    await serve('qemu-nbd', ['-r', '-t', '-k', socket, '-x', 'vm one', '-f', 'qcow2', image], socket);
    const source = await openNbd(`nbd+unix:///vm%20one?socket=${socket}`);
    await expectContent(source);
    await source.close?.();
    await expect(async () => source.read(SIZE - 1, 1)).rejects.toThrow();
  });

  test('of nbdkit that answers in blocks of 4096 bytes reads the same', async () => {
    const socket = join(folder, 'kit.sock');
    const filter = ['--filter=blocksize-policy', '--filter=truncate'];
    const policy = ['blocksize-minimum=4096', 'blocksize-preferred=4096', 'blocksize-maximum=32M', 'round-up=4096'];
    const args = ['-f', '-r', '-U', socket, ...filter, 'file', raw, ...policy, 'blocksize-error-policy=error'];
    await serve('nbdkit', args, socket);
    const source = await openNbd(`nbd+unix://?socket=${socket}`);
    expect(source.size).toBe(Math.ceil(SIZE / 4096) * 4096);
    expect(Buffer.compare(await source.read(1_000_001, 77), CONTENT.subarray(1_000_001, 1_000_078))).toBe(0);
    await source.close?.();
  });

  test('that fails to read a sector says so as the medium does, and goes on', async () => {
    const socket = join(folder, 'error.sock');
    const args = ['-f', '-r', '-U', socket, '--filter=error', 'file', raw, 'error-pread=EIO', 'error-pread-rate=100%'];
    await serve('nbdkit', args, socket);
    const source = await openNbd(`nbd+unix://?socket=${socket}`);
    const error = await Promise.resolve(source.read(0, 512)).catch((caught: unknown) => caught);
    expect(isDeadboxError(error, 'READ_FAILED')).toBe(true);
    expect(isTransportError(error)).toBe(false);
    await source.close?.();
  });

  test('that the server does not have is refused by its name', async () => {
    const socket = join(folder, 'qemu.sock');
    await expect(openNbd(`nbd+unix:///nowhere?socket=${socket}`)).rejects.toMatchObject({
      code: 'SOURCE_NOT_READABLE',
      message: expect.stringContaining('no such export'),
    });
  });
});

const PATIENCE = { stall: 150, answer: 400 };
const greeting = Buffer.from('4e42444d4147494349484156454f50540003', 'hex');

function reply(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head.writeBigUInt64BE(0x0003_e889_0455_65a9n, 0);
  head.writeUInt32BE(7, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(body.length, 16);
  return Buffer.concat([head, body]);
}

/** What a server says of an export of this size. */
function info(size: bigint): Buffer {
  const body = Buffer.alloc(12);
  body.writeBigUInt64BE(size, 2);
  return reply(3, body);
}

/** The first half of an answer to a read. */
function half(request: Buffer, length: number): Buffer {
  return Buffer.concat([answerTo(request), Buffer.alloc(length >> 1)]);
}

/** Sends a byte now and then: the server is never silent, and never done. */
function trickle(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(bytes.subarray(at, (at += 1)));
  }, 20);
}

const welcome = (size: bigint): Buffer => Buffer.concat([greeting, info(size), reply(1, Buffer.alloc(0))]);

/** Head of the answer to a read. */
function answerTo(request: Buffer, error = 0, magic = 0x6744_6698): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(magic, 0);
  head.writeUInt32BE(error, 4);
  request.copy(head, 8, 8, 16);
  return head;
}

/** Calls `answer` with each read that arrives; several may come in one piece. */
function onReads(socket: Socket, answer: (request: Buffer, length: number) => void): void {
  socket.on('data', (data) => {
    const magic = Buffer.from('25609513', 'hex');
    for (let at = data.indexOf(magic); at >= 0 && at + 28 <= data.length; at = data.indexOf(magic, at + 28))
      if (data.readUInt16BE(at + 6) === 0) answer(data.subarray(at, at + 28), data.readUInt32BE(at + 24));
  });
}

describe('a server that does not keep to the protocol', () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close()));
  const listen = async (answer: (socket: Socket) => void): Promise<string> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    return `nbd://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/x`;
  };
  test.each([
    ['hangs up', (socket: Socket) => void socket.end()],
    ['greets as something else', (socket: Socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2')],
    ['answers with nonsense', (socket: Socket) => void socket.write(Buffer.concat([greeting, Buffer.alloc(64)]))],
    [
      'sends a huge answer',
      (socket: Socket) =>
        void socket.write(Buffer.concat([greeting, reply(3, Buffer.alloc(0)).fill(0xff, 16, 20), Buffer.alloc(64)])),
    ],
    [
      'has more bytes than there are',
      (socket: Socket) =>
        void socket.write(Buffer.concat([greeting, reply(3, Buffer.from(`0000${'ff'.repeat(10)}`, 'hex'))])),
    ],
    [
      'goes on and on',
      (socket: Socket) =>
        void socket.write(Buffer.concat([greeting, ...Array.from({ length: 80 }, () => reply(3, Buffer.alloc(4)))])),
    ],
  ])('and %s is an error, at once', async (_, answer) => {
    await expect(openNbd(await listen(answer))).rejects.toMatchObject({ code: 'SOURCE_NOT_READABLE' });
  });

  test.each<[string, (socket: Socket) => void]>([
    ['never says a word', () => undefined],
    ['tells the size and no more', (socket) => void socket.write(Buffer.concat([greeting, info(4096n)]))],
    [
      'knows only the old way, and never ends it',
      (socket) => void socket.write(Buffer.concat([greeting.fill(1, 17), reply(0x8000_0001, Buffer.alloc(0))])),
    ],
    ['trickles', (socket) => trickle(socket, Buffer.concat([greeting, Buffer.alloc(4096)]))],
  ])('and %s is given up', async (_, answer) => {
    await expect(openNbd(await listen(answer), { patience: PATIENCE })).rejects.toMatchObject({
      code: 'SOURCE_NOT_READABLE',
    });
  });

  test.each<[string, (socket: Socket, request: Buffer, length: number) => void]>([
    ['never answers', () => undefined],
    ['answers another request', (socket, request) => void socket.write(answerTo(Buffer.from(request).fill(0xee, 8)))],
    ['answers by another protocol', (socket, request) => void socket.write(answerTo(request, 0, 0x668e_33ef))],
    ['answers by half', (socket, request, length) => void socket.end(half(request, length))],
    [
      'trickles',
      (socket, request, length) => trickle(socket, Buffer.concat([answerTo(request), Buffer.alloc(length)])),
    ],
    ['shuts down', (socket, request) => void socket.write(answerTo(request, 108))],
    ['does not take the request', (socket, request) => void socket.write(answerTo(request, 22))],
    ['answers twice', (socket, request) => void socket.write(Buffer.concat([answerTo(request), answerTo(request)]))],
  ])('and then %s is a fault of the network, after a few tries', async (_, answer) => {
    const address = await listen((socket) => {
      socket.write(welcome(65_536n));
      onReads(socket, (request, length) => answer(socket, request, length));
    });
    const source = await openNbd(address, { patience: PATIENCE });
    const error = await Promise.resolve(source.read(10, 3)).catch((caught: unknown) => caught);
    expect(isTransportError(error), String(error)).toBe(true);
    await source.close?.();
  });

  test('and refuses every read says so of the medium, and of nothing else', async () => {
    const address = await listen((socket) => {
      socket.write(welcome(2n ** 50n));
      onReads(socket, (request) => void socket.write(answerTo(request, 5)));
    });
    const source = await openNbd(address, { patience: PATIENCE });
    const error = await Promise.resolve(source.read(2 ** 49, 512)).catch((caught: unknown) => caught);
    expect(isDeadboxError(error, 'READ_FAILED')).toBe(true);
    await source.close?.();
  });

  test('and has no bytes is an empty disk, of which nothing can be read', async () => {
    const source = await openNbd(await listen((socket) => void socket.write(welcome(0n))), { patience: PATIENCE });
    expect(source.size).toBe(0);
    await expect(async () => source.read(0, 1)).rejects.toMatchObject({ code: 'READ_OUT_OF_RANGE' });
    await source.close?.();
  });

  test('is no longer waited for once the reader gives up', async () => {
    const address = await listen((socket) => void socket.write(welcome(65_536n)));
    const source = await openNbd(address);
    const giveUp = new AbortController();
    const reading = Promise.resolve(source.read(0, 512, { signal: giveUp.signal }));
    giveUp.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await source.close?.();
  });

  test('and breaks off is asked again over a new connection', async () => {
    let connections = 0;
    const address = await listen((socket) => {
      connections += 1;
      const first = connections === 1;
      socket.write(welcome(65_536n));
      onReads(socket, (request, length) => {
        if (first) socket.destroy();
        else socket.write(Buffer.concat([answerTo(request), Buffer.alloc(length, 7)]));
      });
    });
    const source = await openNbd(address);
    expect(await source.read(10, 3)).toEqual(Uint8Array.of(7, 7, 7));
    expect(connections).toBe(2);
    await source.close?.();
  });
});
