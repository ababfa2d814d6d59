import './ui/styles.css';
import { printInLight } from './hooks/page/printing';
import { createApplicationRouter } from './router';
import { startPage } from './start-page';

printInLight();
await startPage(createApplicationRouter, {
  en: async () => (await import('./i18n/en')).en,
  de: async () => (await import('./i18n/de')).de,
  rules: { de: async () => (await import('./i18n/de/rules')).rules },
});
