import type { Evidence } from '@deadbox/core';
import type { EncryptionInfo } from '@deadbox/disk';
import type { ImageReport } from '../report/report-types.js';

/** The report without the places in the image file: what is left depends on the virtual disk alone. */
export function withoutFilePlaces(report: ImageReport): ImageReport {
  const bare = (evidence: readonly Evidence[]): Evidence[] => evidence.map(({ file: _, ...rest }) => rest);
  const encryption = (info: EncryptionInfo): EncryptionInfo => ({ ...info, evidence: bare(info.evidence) });
  const files = <T extends { readonly evidence: readonly Evidence[] }>(list: readonly T[]): T[] =>
    list.map((file) => ({ ...file, evidence: bare(file.evidence) }));
  return {
    ...report,
    disk: { ...report.disk, encryption: report.disk.encryption.map(encryption) },
    volumes: report.volumes.map((volume) => ({ ...volume, encryption: encryption(volume.encryption) })),
    causes: files(report.causes),
    obstacles: files(report.obstacles),
    installations: report.installations.map((installation) => ({
      ...installation,
      files: files(installation.files),
      rules: installation.rules.map((rule) => ({ ...rule, files: files(rule.files) })),
    })),
  };
}
