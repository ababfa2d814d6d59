// Usage and cost of tenants: counters, samples, bills and their allocation, budgets. See docs/usage.md.
export {
  readConsumption,
  readConsumptionPage,
  readFreshness,
  type UsedAt,
} from './consumption';
export { METRICS, type Weights } from './cost/allocate';
export { readAmount, readCurrency } from './cost/amount';
export { addBill, type Bill, correctBill, isService, listBills, SERVICES, targetOf } from './cost/bills';
export { checkBudgets, readBudgets, removeBudget, setBudget } from './cost/budgets';
export { changesBetween } from './cost/changes';
export { focusCsv, monthAsFocus } from './cost/focus';
export { type AllocatedBill, type MonthCosts, readMonthCosts, tenantsOf } from './cost/month-costs';
export { type Capacity, changeSetting, readSettings } from './cost/settings';
export { planPrices, tenantCosts, totalsOf } from './cost/tenant-costs';
export { UsageError } from './errors';
export { startUsageJobs } from './jobs';
export {
  GRANULARITIES,
  type Granularity,
  type Month,
  monthAfter,
  monthOf,
  periodOfMonth,
  readMonth,
  readPeriod,
} from './period';
export { sampleHour } from './samples/sample';
export { readExpensiveStatements } from './statements';
export { thinUsage } from './thin';
