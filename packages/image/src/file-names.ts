import { allFormats } from './all-formats.js';
import type { ImageFormat } from './image-format.js';
import { parseSplitName } from './text/split-name.js';

/**
 * Whether a file of this name is worth opening as an image: it has a format's ending, and is no part that another file
 * describes.
 */
export function isImageName(name: string): boolean {
  return (
    allFormats.some(({ extensions }) => extensions.includes(extensionOf(name))) &&
    !allFormats.some(({ partName }) => partName?.test(name) === true)
  );
}

/**
 * The names among those of one folder by which an image is to be opened: one for each image in parts, one for a bundle.
 */
export function imageNamesAmong(names: readonly string[]): string[] {
  const descriptor = names.find((name) => allFormats.some(({ bundleDescriptor }) => bundleDescriptor === name));
  if (descriptor !== undefined) return [descriptor];
  const present = new Set(names);
  const has = (name: string | undefined): boolean => name !== undefined && present.has(name);
  return names.filter((name) => {
    const split = parseSplitName(name);
    if (split === undefined) return isImageName(name);
    // A set is opened by its first part, which need not have an image's ending when the second lies beside it.
    if (split.number > 0 && has(split.nameAt(split.number - 1))) return false;
    return isImageName(name) || (split.mayBeFirst && has(split.nameAt(split.number + 1)));
  });
}

/**
 * Whether a file of this name holds the memory of a saved machine. A Hyper-V `.vmrs` is always there; only its memory
 * part matters, which has no file of its own.
 */
export function isSavedStateName(name: string): boolean {
  return someFormat(({ savedStateExtensions }) => savedStateExtensions, name);
}

/** Whether a file or folder of this name says that a program has the image beside it open. */
export function isLockName(name: string): boolean {
  return someFormat(({ lockExtensions }) => lockExtensions, name);
}

function someFormat(endings: (format: ImageFormat) => readonly string[] | undefined, name: string): boolean {
  return allFormats.some((format) => endings(format)?.includes(extensionOf(name)) === true);
}

/** The ending without its dot, in lower case; empty without one. */
function extensionOf(name: string): string {
  return /\.([^./\\]*)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
