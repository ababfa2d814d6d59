// Settings of a data engine; `marquee rest` reads them by PostgREST's configuration names.
import type { EngineRequest } from './contract';
import type { QualifiedName } from './schema-cache';

/** The document at `/`, if no function answers there. */
export interface OpenApiSettings {
  /** Only what the role may use (`openapi-mode=follow-privileges`). */
  followPrivileges: boolean;
  /** Say that a bearer token may be sent (`openapi-security-active`). */
  securityActive: boolean;
  /** Where clients reach the API. */
  uri(request: EngineRequest): URL;
}

/** Settings of `createDataEngine`, with PostgREST's configuration names in parentheses. */
export interface EngineSettings {
  /** Exposed schemas; the first is the default (`db-schemas`). Default: those of the schema cache. */
  schemas?: readonly string[];
  /** Schemas appended to the search path (`db-extra-search-path`). Default `public`. */
  extraSearchPath?: readonly string[];
  /** The most rows that a read returns at each level of embedding (`db-max-rows`). Default unlimited. */
  maxRows?: number;
  /** `count=estimated` counts up to so many rows, and takes the planner's estimate above. Default `maxRows`, as in PostgREST. */
  estimateAbove?: number;
  /**
   * The statement fails in PostgreSQL once the answer exceeds `RequestOptions.limits`. Default false, as in PostgREST.
   */
  bounded?: boolean;
  /** `db-aggregates-enabled`. Default false. */
  aggregatesEnabled?: boolean;
  /** An aliased embedded resource may be filtered by its own name, with a Warning (`url-use-legacy-target-names`). Default true. */
  legacyTargetNames?: boolean;
  /**
   * Casts to types of the catalogs, such as `regclass`, and system columns, such as `xmin`, are allowed. Default true, as in PostgREST.
   */
  catalogNames?: boolean;
  /** `db-plan-enabled`. Default false. */
  planEnabled?: boolean;
  /** `db-tx-end`. Default `commit`. */
  txEnd?: 'commit' | 'commit-allow-override' | 'rollback' | 'rollback-allow-override';
  /** Function called before every statement (`db-pre-request`). */
  preRequest?: QualifiedName;
  /** Function that answers at `/` (`db-root-spec`). */
  rootSpec?: QualifiedName;
  /** The OpenAPI document at `/`. Default: none (`openapi-mode=disabled`). */
  openApi?: OpenApiSettings;
  /** Name statements, so that they are prepared once a connection (`db-prepared-statements`). Default true. */
  prepared?: boolean;
  /** Plans kept by request shape, and so statement names used. Default 500. */
  maxPlans?: number;
  /**
   * Set `search_path`, `request.method`, `request.path`, `request.headers` and `request.cookies` for each transaction, as
   * PostgREST does. Default true. Where no function reads them, false saves their cost.
   */
  requestContext?: boolean;
  /** Further settings of every transaction (`app.settings.*`). */
  appSettings?: Readonly<Record<string, string>>;
  /** Leave `details` and `hint` out of errors (`client-error-verbosity=minimal`). Default `verbose`. */
  errorVerbosity?: 'verbose' | 'minimal';
}
