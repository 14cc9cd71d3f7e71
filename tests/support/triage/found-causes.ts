import type { ByteSource } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { type ImageReport, type ScanOptions, scanDisk } from '@deadbox/triage';

/** The report of a full scan of `disk`. */
export async function reportOf(disk: ByteSource, options: ScanOptions = {}): Promise<ImageReport> {
  const opened = await openDisk(disk, { name: 'server.raw' });
  try {
    return await scanDisk(opened, options);
  } finally {
    await opened.close();
  }
}

/** What asks for something, worst first: id, severity and confidence of each cause that is more than worth knowing. */
export function asking({ causes }: Pick<ImageReport, 'causes'>): string[] {
  return causes
    .filter(({ severity }) => severity !== 'none')
    .map(({ id, severity, confidence }) => `${id} ${severity} ${confidence}`);
}

/** The cause with that id. */
export function causeOf(
  { causes }: Pick<ImageReport, 'causes'>,
  id: string,
): ImageReport['causes'][number] | undefined {
  return causes.find((cause) => cause.id === id);
}

/** What `deadbox fix` is asked to change for the cause with that id. */
export function requestsOf(report: Pick<ImageReport, 'causes'>, id: string): readonly unknown[] {
  return causeOf(report, id)?.requests ?? [];
}
