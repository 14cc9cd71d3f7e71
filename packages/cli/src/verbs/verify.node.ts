import { describeImage } from '@deadbox/disk';
import { type ImageVerification, verifyImage } from '@deadbox/image';
import { type VerifyReport, verifyPage } from '@deadbox/report/internals';
import { EXIT_CODES } from '../exit-codes.js';
import { refuseEncryptedContainer } from '../input/choose-volume.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

const VERIFY_EXIT: Readonly<Record<ImageVerification['verdict'], number>> = {
  right: EXIT_CODES.verify.fits,
  wrong: EXIT_CODES.verify.differs,
  'nothing-stored': EXIT_CODES.verify.nothingStored,
};

/** Compares what the container stores to be checked with what is there. */
export async function verifyVerb(name: string, options: CommonOptions, session: Session): Promise<number> {
  const { signal } = session;
  const target = await openTarget(name, options, session);
  try {
    await refuseEncryptedContainer(target.disk, { signal });
    const progress = session.progress('verifying', options);
    const { image } = target.disk;
    const found = await verifyImage(image, { signal, onProgress: progress.update }).finally(() => progress.end());
    // Reading noted what is wrong with the image, too: it is described last.
    const report: VerifyReport = { schema: 'deadbox.verify/1', image: describeImage(target.disk), ...found };
    await withOutput(session.output(options), (output) => {
      if (options.ndjson === true || options.json === true) output.writeJson(report, options.ndjson === true);
      else output.write(writerFor(options, output)(verifyPage(report, session.pageOptions(options))));
    });
    return VERIFY_EXIT[found.verdict];
  } finally {
    await target.close();
  }
}
