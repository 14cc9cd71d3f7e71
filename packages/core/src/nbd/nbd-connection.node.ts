import { connect, type Socket } from 'node:net';
import type { Bytes } from '../bytes/bytes.js';
import type { NbdAddress } from './nbd-address.js';
import {
  COMMAND,
  clientFlags,
  EXPORT_LENGTH,
  exportNameOption,
  GREETING_LENGTH,
  goOption,
  INFO,
  OPTION_ERRORS,
  OPTION_REPLY,
  OPTION_REPLY_LENGTH,
  REPLY_LENGTH,
  readGreeting,
  readOptionReply,
  readReply,
  request,
} from './nbd-protocol.js';

/** A server sends a few hundred bytes of an export; more is none of the protocol. */
const MAX_OPTION_REPLY = 65_536;
/** Answers to one option; a server that goes on for ever is none. */
const MAX_OPTION_REPLIES = 64;
/** Milliseconds of silence after which a server counts as gone. */
const STALL = 30_000;
/**
 * Milliseconds for one answer, however it trickles: the largest takes that long at 9 KB a second. In the negotiation
 * for all answers together.
 */
const LONGEST_ANSWER = 120_000;

/** EIO: the medium could not be read. */
const MEDIUM_ERROR = 5;

/** An error that the server answered a read with. */
export class NbdRefusal extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`the server answers with error ${errno}`);
    this.errno = errno;
  }

  /**
   * Whether it is the medium's. Any other is the server's: it shuts down (108), has no memory (12), or does not take
   * the request (NBD protocol, "Error values").
   */
  get isOfMedium(): boolean {
    return this.errno === MEDIUM_ERROR;
  }
}

/** Bytes that are waited for. */
interface Wanted {
  readonly length: number;
  readonly resolve: (bytes: Bytes) => void;
  readonly reject: (error: Error) => void;
}

interface Pending {
  readonly length: number;
  readonly resolve: (bytes: Bytes) => void;
  readonly reject: (error: Error) => void;
}

/** How long a server is waited for, in milliseconds. */
export interface NbdPatience {
  /** Of silence; default 30,000. */
  readonly stall: number;
  /** For one answer, or for the whole negotiation; default 120,000. */
  readonly answer: number;
}

/** Where nobody says otherwise. */
export const PATIENCE: NbdPatience = { stall: STALL, answer: LONGEST_ANSWER };

/** A connection to one export. Its errors are plain ones: the source in front of it knows what they mean. */
export class NbdConnection {
  size: number = 0;
  /** Reads begin and end at multiples of it. */
  minimumBlock: number = 1;
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #pending: Map<number, Pending> = new Map();
  #buffered = 0;
  #wanted: Wanted | undefined;
  #cookie = 0;
  #failure: Error | undefined;
  /** Runs while an answer, or the whole negotiation, is waited for. */
  #deadline: NodeJS.Timeout | undefined;
  readonly #patience: NbdPatience;

  private constructor(socket: Socket, patience: NbdPatience) {
    this.#socket = socket;
    this.#patience = patience;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    socket.on('timeout', () => {
      if (this.#deadline !== undefined) this.#fail(new Error(`the server said nothing for ${seconds(patience.stall)}`));
    });
  }

  static async open(
    address: NbdAddress,
    signal: AbortSignal | undefined,
    patience: NbdPatience = PATIENCE,
  ): Promise<NbdConnection> {
    const { at } = address;
    const socket = 'socket' in at ? connect(at.socket) : connect(at.port, at.host);
    socket.setNoDelay(true);
    socket.setTimeout(patience.stall);
    const connection = new NbdConnection(socket, patience);
    connection.#expectAnswer();
    const abort = (): void => connection.#fail(new Error('interrupted'));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await connection.#negotiate(address.exportName);
    } catch (error) {
      connection.#fail(error as Error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    connection.#expectNothing();
    void connection.#answer();
    return connection;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Asks for bytes; several requests may be under way. */
  read(offset: number, length: number): Promise<Bytes> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#cookie += 1;
    const cookie = this.#cookie;
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) this.#expectAnswer();
      this.#pending.set(cookie, { length, resolve, reject });
      this.#socket.write(request(COMMAND.read, cookie, offset, length));
    });
  }

  close(): void {
    if (this.#failure === undefined) this.#socket.end(request(COMMAND.disconnect, 0, 0, 0));
    this.#fail(new Error('closed'));
  }

  async #negotiate(exportName: string): Promise<void> {
    const greeting = readGreeting(await this.#take(GREETING_LENGTH));
    if (greeting === undefined) throw new Error('what answers there does not speak the NBD protocol (fixed newstyle)');
    this.#socket.write(clientFlags(greeting));
    this.#socket.write(goOption(exportName));
    for (let count = 0; count < MAX_OPTION_REPLIES; count += 1) {
      const head = readOptionReply(await this.#take(OPTION_REPLY_LENGTH));
      if (head === undefined || head.length > MAX_OPTION_REPLY) throw new Error('the server answers out of turn');
      const body = await this.#take(head.length);
      if (head.type === OPTION_REPLY.ack) return;
      if (head.type === OPTION_REPLY.info) this.#learn(body);
      else if (head.type === OPTION_REPLY.unsupported) return this.#askByName(exportName, greeting.noZeroes);
      else if (head.type >= OPTION_REPLY.failed)
        throw new Error(`the server refuses the export "${exportName}": ${OPTION_ERRORS[head.type] ?? 'no reason'}`);
    }
    throw new Error('the server does not come to an end with what it says of the export');
  }

  async #askByName(exportName: string, noZeroes: boolean): Promise<void> {
    this.#socket.write(exportNameOption(exportName));
    const bytes = await this.#take(EXPORT_LENGTH);
    this.#setSize(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
    if (!noZeroes) await this.#take(124);
  }

  #learn(body: Bytes): void {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const kind = body.length >= 2 ? view.getUint16(0) : -1;
    if (kind === INFO.export && body.length >= 12) this.#setSize(view.getBigUint64(2));
    if (kind === INFO.blockSize && body.length >= 14) {
      const minimum = view.getUint32(2);
      if (minimum < 1 || minimum > 65_536 || (minimum & (minimum - 1)) !== 0)
        throw new Error(`the server has blocks of ${minimum} bytes, which the protocol does not allow`);
      this.minimumBlock = minimum;
    }
  }

  #setSize(size: bigint): void {
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`the export has ${size} bytes`);
    this.size = Number(size);
  }

  /** Gives each answer to the request that it belongs to. */
  async #answer(): Promise<void> {
    try {
      for (;;) {
        const head = readReply(await this.#take(REPLY_LENGTH));
        const pending = head === undefined ? undefined : this.#pending.get(head.cookie);
        if (head === undefined || pending === undefined) throw new Error('the server answers what nobody asked');
        if (head.error === 0) pending.resolve(await this.#take(pending.length));
        else pending.reject(new NbdRefusal(head.error));
        this.#pending.delete(head.cookie);
        if (this.#pending.size > 0) this.#expectAnswer();
        else this.#expectNothing();
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** From now on an answer is due: a server that sends a byte now and then is no better than a silent one. */
  #expectAnswer(): void {
    clearTimeout(this.#deadline);
    const { answer } = this.#patience;
    this.#deadline = setTimeout(() => this.#fail(new Error(`no answer was whole after ${seconds(answer)}`)), answer);
  }

  #expectNothing(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #take(length: number): Promise<Bytes> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#wanted = { length, resolve, reject };
      this.#serve();
    });
  }

  #received(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    this.#serve();
  }

  /** Hands out what is waited for once all of it is there. */
  #serve(): void {
    const wanted = this.#wanted;
    if (wanted === undefined || this.#buffered < wanted.length) return;
    this.#wanted = undefined;
    const bytes = new Uint8Array(wanted.length);
    for (let done = 0; done < bytes.length; ) {
      const [chunk] = this.#chunks;
      const part = chunk.subarray(0, bytes.length - done);
      bytes.set(part, done);
      done += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#buffered -= bytes.length;
    wanted.resolve(bytes);
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#expectNothing();
    this.#wanted?.reject(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    // What was sent last (the farewell) still goes out.
    if (this.#socket.writableEnded) this.#socket.unref();
    else this.#socket.destroy();
  }
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} seconds`;
}
