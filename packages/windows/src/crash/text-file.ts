import { type Bytes, type FileNode, type ReadOptions, utf16Text } from '@deadbox/core';
import { MAX_TEXT_BYTES } from '../limits.js';

/** Text of a Windows text file: UTF-16LE with a byte order mark (or evidently so), else one byte a character. */
export function decodeText(bytes: Bytes): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16Text(bytes.subarray(2));
  if (bytes.length >= 4 && bytes[1] === 0 && bytes[3] === 0) return utf16Text(bytes);
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let text = '';
  for (let i = from; i < bytes.length; i += 1) text += String.fromCharCode(bytes[i]);
  return text;
}

/** The text of a file, at most its first MiB. */
export async function readText(file: FileNode, options?: ReadOptions): Promise<string> {
  const source = await file.stream(undefined, options);
  return decodeText(await source.read(0, Math.min(source.size, MAX_TEXT_BYTES), options));
}
