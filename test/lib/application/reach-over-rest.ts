import { reachApplicationsOverRest } from './application-database';

reachApplicationsOverRest();
