// The program of a rendering process: long computations must not delay requests.
import { setPriority } from 'node:os';
import type { Answer, Task } from './task';

// Lower than the process that answers requests.
setPriority(5);

process.on('message', async (task: Task) => {
  const answer = await run(task).then(
    (made): Answer => ({ made }),
    (error: unknown): Answer => ({ error }),
  );
  process.send?.(answer);
});

async function run(task: Task): Promise<Uint8Array> {
  switch (task.kind) {
    case 'document': {
      const { renderPdf } = await import('../documents/render');
      return renderPdf(task.document, task.branding);
    }
    case 'thumbnail': {
      const { shrinkToThumbnail } = await import('../storage/pictures');
      return shrinkToThumbnail(task.content, task.size);
    }
    case 'logo': {
      const { shrinkToLogo } = await import('../storage/pictures');
      return shrinkToLogo(task.content);
    }
    case 'placeless': {
      const { dropPlace } = await import('../storage/pictures');
      return dropPlace(task.content, task.mimeType);
    }
  }
}
