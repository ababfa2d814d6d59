import '../ui/styles.css';
import { startPage } from '../start-page';
import { createConsoleRouter } from './router';

await startPage(createConsoleRouter, {
  en: async () => (await import('./words/en')).en,
  de: async () => {
    const [{ de }, { said }] = await Promise.all([import('./words/de'), import('./said/said.de')]);
    return { ...de, said };
  },
});
