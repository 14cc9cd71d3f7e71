import { allFormats } from './all-formats.js';
import type { ImageFormat } from './image-format.js';

/** Whether a file of this name is worth opening as an image: it has a format's ending, and is no part that another file describes. */
export function isImageName(name: string): boolean {
  return (
    allFormats.some(({ extensions }) => extensions.includes(extensionOf(name))) &&
    !allFormats.some(({ partName }) => partName?.test(name) === true)
  );
}

/**
 * Whether a file of this name holds the memory of a saved machine. A Hyper-V `.vmrs` is always there; only its memory part matters, which
 * has no file of its own.
 */
export function isSavedStateName(name: string): boolean {
  return someFormat(({ savedStateExtensions }) => savedStateExtensions, name);
}

/** Whether a file or folder of this name says that a program has the image beside it open. */
export function isLockName(name: string): boolean {
  return someFormat(({ lockExtensions }) => lockExtensions, name);
}

/** Whether a file of this name makes its folder one image. */
export function isBundleDescriptorName(name: string): boolean {
  return allFormats.some(({ bundleDescriptor }) => bundleDescriptor === name);
}

function someFormat(endings: (format: ImageFormat) => readonly string[] | undefined, name: string): boolean {
  return allFormats.some((format) => endings(format)?.includes(extensionOf(name)) === true);
}

/** The ending without its dot, in lower case; empty without one. */
function extensionOf(name: string): string {
  return /\.([^./\\]*)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
