export { loadSettings } from './load';
export {
  checkSetting,
  readSetting,
  SETTINGS,
  type SettingKey,
  type SettingValue,
} from './settings';
