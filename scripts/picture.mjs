// npm run picture: makes the pictures of a terminal in the READMEs anew, from what the command line prints for the
// bundled disk.
//
// `npm run check -- --only samples` says when they are out of date.
import { ensureBuilt } from './build.mjs';
import { helpIfAsked } from './workspace.mjs';

helpIfAsked(import.meta.url);

await ensureBuilt();
const { checkPictures } = await import('./check/terminal-picture.mjs');
checkPictures({ update: true });
