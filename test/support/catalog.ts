export { readCatalog } from '@/lib/migrations';
