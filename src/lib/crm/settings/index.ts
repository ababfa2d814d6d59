export {
  COMPANY_DETAILS,
  type CompanyDetail,
  loadMissingCompanyDetails,
  missingCompanyDetails,
} from './company';
export { loadSettings } from './load';
export {
  checkSetting,
  readSetting,
  SETTINGS,
  type SettingKey,
  type SettingValue,
} from './settings';
