import type { en } from '../en';
import type { Translation } from '../translation';
import { administration } from './administration';
import { connections } from './connections';
import { documents } from './documents';
import { fields } from './fields';
import { general } from './general';
import { onTheRoad } from './on-the-road';
import { options } from './options';
import { reports } from './reports';
import { screens } from './screens';

export const de: Translation<typeof en> = {
  ...general,
  ...options,
  ...fields,
  ...screens,
  ...reports,
  ...documents,
  ...administration,
  ...connections,
  ...onTheRoad,
};
