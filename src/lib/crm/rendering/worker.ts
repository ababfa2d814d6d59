// The program of a rendering thread: long computations must not delay requests.
import type { Task } from './index';

export default async function run(task: Task): Promise<Uint8Array> {
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
