export { dataSourceManager } from 'marquee/data-sources';
