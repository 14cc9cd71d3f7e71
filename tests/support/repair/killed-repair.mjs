/*
 * A process of its own that repairs, finishes or undoes, and kills itself (SIGKILL: no handler, no flush, nothing)
 * before or after a certain write or flush. It uses the built packages, as an installed deadbox does. usage: node
 * killed-repair.mjs apply|undo IMAGE UNDO before|after CALL [REQUESTS as JSON]
 */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { planRepair } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';

const [, , verb, image, undo, when, call, requests = '[]'] = process.argv;
let left = Number(call);

/** Does `work`, the last thing of this process when its turn has come. */
function counted(work) {
  const isLast = left === 0;
  left -= 1;
  if (isLast && when === 'before') process.kill(process.pid, 'SIGKILL');
  work();
  if (isLast) process.kill(process.pid, 'SIGKILL');
}

function open(path) {
  const handle = openSync(path, 'r+');
  return {
    read(offset, length) {
      const bytes = new Uint8Array(length);
      readSync(handle, bytes, 0, length, offset);
      return bytes;
    },
    write: (offset, bytes) => counted(() => writeSync(handle, bytes, 0, bytes.length, offset)),
    flush: () => counted(() => fsyncSync(handle)),
    close: () => closeSync(handle),
  };
}

if (verb === 'undo') undoRepair(readJournal(undo), { open });
else {
  const source = await openFile(image);
  const disk = await openDisk(source, { name: image, siblings: fileSiblings(image) });
  const plan = await planRepair(disk, JSON.parse(requests));
  if (plan.refusals.length > 0) throw new Error(JSON.stringify(plan.refusals));
  await applyRepair(disk, plan, undo, { open });
  await disk.close();
}
