import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../tools.js';

/** The algorithms of WOF with wimlib's names for them. */
export const wimAlgorithms = [
  { algorithm: 'xpress4k', number: 0, compress: 'XPRESS', chunkSize: 4096 },
  { algorithm: 'xpress8k', number: 2, compress: 'XPRESS', chunkSize: 8192 },
  { algorithm: 'xpress16k', number: 3, compress: 'XPRESS', chunkSize: 16384 },
  { algorithm: 'lzx32k', number: 1, compress: 'LZX', chunkSize: 32768 },
] as const;

/** A resource as it lies in a WIM file. */
export interface WimResource {
  /** Path of the WIM. */
  path: string;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Compresses `content` with wimlib and cuts the resource out of the WIM: a non-solid WIM resource has the layout of a
 * stream `WofCompressedData`. `content` must compress; wimlib stores it plainly otherwise.
 */
export function wimResource(folder: string, content: Uint8Array, compress: string, chunkSize: number): WimResource {
  const source = join(folder, 'wim-source');
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source);
  writeFileSync(join(source, 'content'), content);
  const path = join(folder, `${compress}-${chunkSize}.wim`);
  rmSync(path, { force: true });
  run('wimlib-imagex', [
    'capture',
    source,
    path,
    `--compress=${compress}:80`,
    `--chunk-size=${chunkSize}`,
    '--no-acls',
  ]);
  const blobs = run('wimlib-imagex', ['info', path, '--blobs']);
  const found = new RegExp(
    `Uncompressed size = ${content.length} bytes\\s+Compressed size   = (\\d+) bytes\\s+Offset in WIM     = (\\d+) bytes`,
  ).exec(blobs);
  if (found === null) throw new Error(`no resource of ${content.length} bytes in ${blobs}`);
  const length = Number(found[1]);
  const offset = Number(found[2]);
  if (length >= content.length) throw new Error('wimlib did not compress the content');
  return { path, offset, bytes: new Uint8Array(readFileSync(path).subarray(offset, offset + length)) };
}
