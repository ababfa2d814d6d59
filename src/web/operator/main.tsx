import '../ui/styles.css';
import { startPage } from '../start-page';
import { createConsoleRouter } from './router';

await startPage(createConsoleRouter, {
  en: async () => (await import('./words/en')).en,
  de: async () => {
    const [{ de }, { serverMessages }] = await Promise.all([
      import('./words/de'),
      import('./server-messages/messages.de'),
    ]);
    return { ...de, serverMessages };
  },
});
