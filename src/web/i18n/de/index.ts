import type { en } from '../en';
import type { Translation } from '../translation';
import { administration } from './administration';
import { bookings } from './bookings';
import { companyData } from './company-data';
import { connections } from './connections';
import { correspondence } from './correspondence';
import { documents } from './documents';
import { fields } from './fields';
import { general } from './general';
import { identity } from './identity';
import { money } from './money';
import { onTheRoad } from './on-the-road';
import { options } from './options';
import { refusals } from './refusals';
import { reports } from './reports';
import { screens } from './screens';
import { setup } from './setup';

export const de: Translation<typeof en> = {
  ...general,
  ...options,
  ...fields,
  ...screens,
  ...setup,
  ...reports,
  ...documents,
  ...correspondence,
  ...administration,
  ...bookings,
  ...companyData,
  ...connections,
  ...identity,
  ...money,
  ...onTheRoad,
  ...refusals,
};
