// Written by scripts/gen-registry.ts from the files in this folder.
import type { Framework, Library, Rule } from "../engine/index.ts";
import frameworkAdonis from "./frameworks/adonis.ts";
import frameworkBrokers from "./frameworks/brokers.ts";
import frameworkCloudFunctions from "./frameworks/cloud-functions.ts";
import frameworkCommands from "./frameworks/commands.ts";
import frameworkDecorated from "./frameworks/decorated.ts";
import frameworkElysia from "./frameworks/elysia.ts";
import frameworkExpress from "./frameworks/express.ts";
import frameworkFastify from "./frameworks/fastify.ts";
import frameworkFeathers from "./frameworks/feathers.ts";
import frameworkGraphql from "./frameworks/graphql.ts";
import frameworkGrpc from "./frameworks/grpc.ts";
import frameworkH3 from "./frameworks/h3.ts";
import frameworkHapi from "./frameworks/hapi.ts";
import frameworkHono from "./frameworks/hono.ts";
import frameworkItty from "./frameworks/itty.ts";
import frameworkKoa from "./frameworks/koa.ts";
import frameworkLambda from "./frameworks/lambda.ts";
import frameworkMedusa from "./frameworks/medusa.ts";
import frameworkNest from "./frameworks/nest.ts";
import frameworkNext from "./frameworks/next.ts";
import frameworkNitro from "./frameworks/nitro.ts";
import frameworkOwnRouters from "./frameworks/own-routers.ts";
import frameworkPolka from "./frameworks/polka.ts";
import frameworkQueues from "./frameworks/queues.ts";
import frameworkRawHttp from "./frameworks/raw-http.ts";
import frameworkRemix from "./frameworks/remix.ts";
import frameworkRestify from "./frameworks/restify.ts";
import frameworkRouteTables from "./frameworks/route-tables.ts";
import frameworkRunners from "./frameworks/runners.ts";
import frameworkSchedulers from "./frameworks/schedulers.ts";
import frameworkStartup from "./frameworks/startup.ts";
import frameworkStrapi from "./frameworks/strapi.ts";
import frameworkSveltekit from "./frameworks/sveltekit.ts";
import frameworkTemporal from "./frameworks/temporal.ts";
import frameworkTrpc from "./frameworks/trpc.ts";
import frameworkTsRest from "./frameworks/ts-rest.ts";
import frameworkWorkers from "./frameworks/workers.ts";
import libraryAi from "./libraries/ai.ts";
import libraryAlgolia from "./libraries/algolia.ts";
import libraryAmqplib from "./libraries/amqplib.ts";
import libraryAnthropic from "./libraries/anthropic.ts";
import libraryAsync from "./libraries/async.ts";
import libraryAsyncHooks from "./libraries/async-hooks.ts";
import libraryAsyncMutex from "./libraries/async-mutex.ts";
import libraryAsyncRetry from "./libraries/async-retry.ts";
import libraryAsyncSema from "./libraries/async-sema.ts";
import libraryAwilix from "./libraries/awilix.ts";
import libraryAwsSdk from "./libraries/aws-sdk.ts";
import libraryAwsSdkV2 from "./libraries/aws-sdk-v2.ts";
import libraryAxios from "./libraries/axios.ts";
import libraryAxiosRetry from "./libraries/axios-retry.ts";
import libraryBcrypt from "./libraries/bcrypt.ts";
import libraryBcryptjs from "./libraries/bcryptjs.ts";
import libraryBetterSqlite3 from "./libraries/better-sqlite3.ts";
import libraryBluebird from "./libraries/bluebird.ts";
import libraryBottleneck from "./libraries/bottleneck.ts";
import libraryBullmq from "./libraries/bullmq.ts";
import libraryCassandra from "./libraries/cassandra.ts";
import libraryChildProcess from "./libraries/child-process.ts";
import libraryClickhouse from "./libraries/clickhouse.ts";
import libraryCockatiel from "./libraries/cockatiel.ts";
import libraryCron from "./libraries/cron.ts";
import libraryCroner from "./libraries/croner.ts";
import libraryCrossFetch from "./libraries/cross-fetch.ts";
import libraryCrypto from "./libraries/crypto.ts";
import libraryDdTrace from "./libraries/dd-trace.ts";
import libraryDrizzle from "./libraries/drizzle.ts";
import libraryElasticsearch from "./libraries/elasticsearch.ts";
import libraryElysia from "./libraries/elysia.ts";
import libraryExeca from "./libraries/execa.ts";
import libraryExponentialBackoff from "./libraries/exponential-backoff.ts";
import libraryExpress from "./libraries/express.ts";
import libraryExpressPromBundle from "./libraries/express-prom-bundle.ts";
import libraryExpressWs from "./libraries/express-ws.ts";
import libraryFastify from "./libraries/fastify.ts";
import libraryFastifyMetrics from "./libraries/fastify-metrics.ts";
import libraryFastifyPlugin from "./libraries/fastify-plugin.ts";
import libraryFetch from "./libraries/fetch.ts";
import libraryFirebaseAdmin from "./libraries/firebase-admin.ts";
import libraryFirestore from "./libraries/firestore.ts";
import libraryFs from "./libraries/fs.ts";
import libraryGaxios from "./libraries/gaxios.ts";
import libraryGoogleCloudStorage from "./libraries/google-cloud-storage.ts";
import libraryGoogleapis from "./libraries/googleapis.ts";
import libraryGot from "./libraries/got.ts";
import libraryGroq from "./libraries/groq.ts";
import libraryGrpc from "./libraries/grpc.ts";
import libraryH3 from "./libraries/h3.ts";
import libraryHapi from "./libraries/hapi.ts";
import libraryHono from "./libraries/hono.ts";
import libraryHttp from "./libraries/http.ts";
import libraryInversify from "./libraries/inversify.ts";
import libraryInversifyExpressUtils from "./libraries/inversify-express-utils.ts";
import libraryIoredis from "./libraries/ioredis.ts";
import libraryIttyRouter from "./libraries/itty-router.ts";
import libraryKafkajs from "./libraries/kafkajs.ts";
import libraryKnex from "./libraries/knex.ts";
import libraryKoa from "./libraries/koa.ts";
import libraryKoaRouter from "./libraries/koa-router.ts";
import libraryKy from "./libraries/ky.ts";
import libraryKysely from "./libraries/kysely.ts";
import libraryLibsql from "./libraries/libsql.ts";
import libraryLifeomicAttempt from "./libraries/lifeomic-attempt.ts";
import libraryLodash from "./libraries/lodash.ts";
import libraryLodashMemoize from "./libraries/lodash-memoize.ts";
import libraryLruCache from "./libraries/lru-cache.ts";
import libraryMailgun from "./libraries/mailgun.ts";
import libraryMariadb from "./libraries/mariadb.ts";
import libraryMikroOrm from "./libraries/mikro-orm.ts";
import libraryMinio from "./libraries/minio.ts";
import libraryMongodb from "./libraries/mongodb.ts";
import libraryMongoose from "./libraries/mongoose.ts";
import libraryMssql from "./libraries/mssql.ts";
import libraryMysql from "./libraries/mysql.ts";
import libraryMysql2 from "./libraries/mysql2.ts";
import libraryNeo4j from "./libraries/neo4j.ts";
import libraryNeon from "./libraries/neon.ts";
import libraryNest from "./libraries/nest.ts";
import libraryNestAxios from "./libraries/nest-axios.ts";
import libraryNestSchedule from "./libraries/nest-schedule.ts";
import libraryNestTerminus from "./libraries/nest-terminus.ts";
import libraryNestjsPrometheus from "./libraries/nestjs-prometheus.ts";
import libraryNodeCache from "./libraries/node-cache.ts";
import libraryNodeCron from "./libraries/node-cron.ts";
import libraryNodeFetch from "./libraries/node-fetch.ts";
import libraryNodemailer from "./libraries/nodemailer.ts";
import libraryNotion from "./libraries/notion.ts";
import libraryObjection from "./libraries/objection.ts";
import libraryOctokit from "./libraries/octokit.ts";
import libraryOfetch from "./libraries/ofetch.ts";
import libraryOpenai from "./libraries/openai.ts";
import libraryOpensearch from "./libraries/opensearch.ts";
import libraryOpentelemetry from "./libraries/opentelemetry.ts";
import libraryOpossum from "./libraries/opossum.ts";
import libraryPLimit from "./libraries/p-limit.ts";
import libraryPMap from "./libraries/p-map.ts";
import libraryPQueue from "./libraries/p-queue.ts";
import libraryPRetry from "./libraries/p-retry.ts";
import libraryPThrottle from "./libraries/p-throttle.ts";
import libraryPTimeout from "./libraries/p-timeout.ts";
import libraryPg from "./libraries/pg.ts";
import libraryPgPromise from "./libraries/pg-promise.ts";
import libraryPlanetscale from "./libraries/planetscale.ts";
import libraryPolka from "./libraries/polka.ts";
import libraryPostgres from "./libraries/postgres.ts";
import libraryPostmark from "./libraries/postmark.ts";
import libraryPrisma from "./libraries/prisma.ts";
import libraryPrismaAdapters from "./libraries/prisma-adapters.ts";
import libraryPromClient from "./libraries/prom-client.ts";
import libraryPromiseRetry from "./libraries/promise-retry.ts";
import libraryRedis from "./libraries/redis.ts";
import libraryRequest from "./libraries/request.ts";
import libraryResend from "./libraries/resend.ts";
import libraryRestify from "./libraries/restify.ts";
import librarySendgrid from "./libraries/sendgrid.ts";
import librarySequelize from "./libraries/sequelize.ts";
import librarySlack from "./libraries/slack.ts";
import librarySlonik from "./libraries/slonik.ts";
import libraryStatsd from "./libraries/statsd.ts";
import libraryStripe from "./libraries/stripe.ts";
import librarySupabase from "./libraries/supabase.ts";
import librarySuperagent from "./libraries/superagent.ts";
import libraryTimers from "./libraries/timers.ts";
import libraryTinyexec from "./libraries/tinyexec.ts";
import libraryTogether from "./libraries/together.ts";
import libraryTrpc from "./libraries/trpc.ts";
import libraryTsyringe from "./libraries/tsyringe.ts";
import libraryTwilio from "./libraries/twilio.ts";
import libraryTypedi from "./libraries/typedi.ts";
import libraryTypeorm from "./libraries/typeorm.ts";
import libraryTypesense from "./libraries/typesense.ts";
import libraryUndici from "./libraries/undici.ts";
import libraryUpstashRedis from "./libraries/upstash-redis.ts";
import libraryUtil from "./libraries/util.ts";
import libraryWebPush from "./libraries/web-push.ts";
import libraryZlib from "./libraries/zlib.ts";
import libraryZx from "./libraries/zx.ts";
import ruleBrokenTimeout from "./timeouts/broken-timeout.ts";
import ruleCheckThenAct from "./concurrency/check-then-act.ts";
import ruleClientPerRequest from "./resources/client-per-request.ts";
import ruleConnectionNotReleased from "./resources/connection-not-released.ts";
import ruleCountForExistence from "./database/count-for-existence.ts";
import ruleDependencyBelowSlo from "./resilience/dependency-below-slo.ts";
import ruleDockerSignalForwarding from "./process/docker-signal-forwarding.ts";
import ruleErrorReportedAsSuccess from "./observability/error-reported-as-success.ts";
import ruleExecWithoutTimeout from "./timeouts/exec-without-timeout.ts";
import ruleFloatingPromise from "./process/floating-promise.ts";
import ruleHighCardinalityMetricLabel from "./observability/high-cardinality-metric-label.ts";
import ruleInt32PrimaryKey from "./migrations/int32-primary-key.ts";
import ruleIoInTransaction from "./database/io-in-transaction.ts";
import ruleKeepaliveShorterThanLb from "./timeouts/keepalive-shorter-than-lb.ts";
import ruleLivenessChecksDependency from "./resilience/liveness-checks-dependency.ts";
import ruleLostUpdate from "./concurrency/lost-update.ts";
import ruleMassWriteWithoutWhere from "./data-loss/mass-write-without-where.ts";
import ruleMigrationBlockingLock from "./migrations/migration-blocking-lock.ts";
import ruleMissingDbTimeout from "./timeouts/missing-db-timeout.ts";
import ruleMissingErrorListener from "./resources/missing-error-listener.ts";
import ruleMissingGracefulShutdown from "./process/missing-graceful-shutdown.ts";
import ruleMissingHttpTimeout from "./timeouts/missing-http-timeout.ts";
import ruleOffsetPaginationDeep from "./database/offset-pagination-deep.ts";
import ruleOverlappingInterval from "./concurrency/overlapping-interval.ts";
import rulePartialBatchFailureIgnored from "./data-loss/partial-batch-failure-ignored.ts";
import rulePoisonMessageRequeue from "./resilience/poison-message-requeue.ts";
import ruleQueryInLoop from "./database/query-in-loop.ts";
import ruleQueryOutsideTransaction from "./concurrency/query-outside-transaction.ts";
import ruleQueueJobDefaults from "./retries/queue-job-defaults.ts";
import ruleRedisBlockingCommand from "./database/redis-blocking-command.ts";
import ruleRelationCountInList from "./database/relation-count-in-list.ts";
import ruleRetryNonIdempotent from "./retries/retry-non-idempotent.ts";
import ruleRetryWithoutBackoff from "./retries/retry-without-backoff.ts";
import ruleSchemaSyncInProduction from "./data-loss/schema-sync-in-production.ts";
import ruleStackedRetries from "./retries/stacked-retries.ts";
import ruleSwallowedProcessError from "./process/swallowed-process-error.ts";
import ruleSyncCallInRequestPath from "./process/sync-call-in-request-path.ts";
import ruleTimeoutExceedsSlo from "./timeouts/timeout-exceeds-slo.ts";
import ruleUnboundedConcurrency from "./concurrency/unbounded-concurrency.ts";
import ruleUnboundedCount from "./database/unbounded-count.ts";
import ruleUnboundedMemoryCache from "./resources/unbounded-memory-cache.ts";
import ruleUnboundedQuery from "./database/unbounded-query.ts";
import ruleUnboundedRetry from "./retries/unbounded-retry.ts";
import ruleUncappedPageSize from "./database/uncapped-page-size.ts";
import ruleUnconsumedResponseBody from "./resources/unconsumed-response-body.ts";
import ruleUndefinedWidensWhere from "./data-loss/undefined-widens-where.ts";
import ruleUnexecutedQuery from "./database/unexecuted-query.ts";
import ruleUnhandledAsyncCallback from "./process/unhandled-async-callback.ts";
import ruleUnpaginatedListCall from "./data-loss/unpaginated-list-call.ts";

export const libraries: readonly Library[] = [
  libraryAi,
  libraryAlgolia,
  libraryAmqplib,
  libraryAnthropic,
  libraryAsync,
  libraryAsyncHooks,
  libraryAsyncMutex,
  libraryAsyncRetry,
  libraryAsyncSema,
  libraryAwilix,
  libraryAwsSdk,
  libraryAwsSdkV2,
  libraryAxios,
  libraryAxiosRetry,
  libraryBcrypt,
  libraryBcryptjs,
  libraryBetterSqlite3,
  libraryBluebird,
  libraryBottleneck,
  libraryBullmq,
  libraryCassandra,
  libraryChildProcess,
  libraryClickhouse,
  libraryCockatiel,
  libraryCron,
  libraryCroner,
  libraryCrossFetch,
  libraryCrypto,
  libraryDdTrace,
  libraryDrizzle,
  libraryElasticsearch,
  libraryElysia,
  libraryExeca,
  libraryExponentialBackoff,
  libraryExpress,
  libraryExpressPromBundle,
  libraryExpressWs,
  libraryFastify,
  libraryFastifyMetrics,
  libraryFastifyPlugin,
  libraryFetch,
  libraryFirebaseAdmin,
  libraryFirestore,
  libraryFs,
  libraryGaxios,
  libraryGoogleCloudStorage,
  libraryGoogleapis,
  libraryGot,
  libraryGroq,
  libraryGrpc,
  libraryH3,
  libraryHapi,
  libraryHono,
  libraryHttp,
  libraryInversify,
  libraryInversifyExpressUtils,
  libraryIoredis,
  libraryIttyRouter,
  libraryKafkajs,
  libraryKnex,
  libraryKoa,
  libraryKoaRouter,
  libraryKy,
  libraryKysely,
  libraryLibsql,
  libraryLifeomicAttempt,
  libraryLodash,
  libraryLodashMemoize,
  libraryLruCache,
  libraryMailgun,
  libraryMariadb,
  libraryMikroOrm,
  libraryMinio,
  libraryMongodb,
  libraryMongoose,
  libraryMssql,
  libraryMysql,
  libraryMysql2,
  libraryNeo4j,
  libraryNeon,
  libraryNest,
  libraryNestAxios,
  libraryNestSchedule,
  libraryNestTerminus,
  libraryNestjsPrometheus,
  libraryNodeCache,
  libraryNodeCron,
  libraryNodeFetch,
  libraryNodemailer,
  libraryNotion,
  libraryObjection,
  libraryOctokit,
  libraryOfetch,
  libraryOpenai,
  libraryOpensearch,
  libraryOpentelemetry,
  libraryOpossum,
  libraryPLimit,
  libraryPMap,
  libraryPQueue,
  libraryPRetry,
  libraryPThrottle,
  libraryPTimeout,
  libraryPg,
  libraryPgPromise,
  libraryPlanetscale,
  libraryPolka,
  libraryPostgres,
  libraryPostmark,
  libraryPrisma,
  libraryPrismaAdapters,
  libraryPromClient,
  libraryPromiseRetry,
  libraryRedis,
  libraryRequest,
  libraryResend,
  libraryRestify,
  librarySendgrid,
  librarySequelize,
  librarySlack,
  librarySlonik,
  libraryStatsd,
  libraryStripe,
  librarySupabase,
  librarySuperagent,
  libraryTimers,
  libraryTinyexec,
  libraryTogether,
  libraryTrpc,
  libraryTsyringe,
  libraryTwilio,
  libraryTypedi,
  libraryTypeorm,
  libraryTypesense,
  libraryUndici,
  libraryUpstashRedis,
  libraryUtil,
  libraryWebPush,
  libraryZlib,
  libraryZx,
];

export const frameworks: readonly Framework[] = [
  frameworkAdonis,
  frameworkBrokers,
  frameworkCloudFunctions,
  frameworkCommands,
  frameworkDecorated,
  frameworkElysia,
  frameworkExpress,
  frameworkFastify,
  frameworkFeathers,
  frameworkGraphql,
  frameworkGrpc,
  frameworkH3,
  frameworkHapi,
  frameworkHono,
  frameworkItty,
  frameworkKoa,
  frameworkLambda,
  frameworkMedusa,
  frameworkNest,
  frameworkNext,
  frameworkNitro,
  frameworkOwnRouters,
  frameworkPolka,
  frameworkQueues,
  frameworkRawHttp,
  frameworkRemix,
  frameworkRestify,
  frameworkRouteTables,
  frameworkRunners,
  frameworkSchedulers,
  frameworkStartup,
  frameworkStrapi,
  frameworkSveltekit,
  frameworkTemporal,
  frameworkTrpc,
  frameworkTsRest,
  frameworkWorkers,
];

export const rules: readonly Rule[] = [
  ruleCheckThenAct,
  ruleLostUpdate,
  ruleOverlappingInterval,
  ruleQueryOutsideTransaction,
  ruleUnboundedConcurrency,
  ruleMassWriteWithoutWhere,
  rulePartialBatchFailureIgnored,
  ruleSchemaSyncInProduction,
  ruleUndefinedWidensWhere,
  ruleUnpaginatedListCall,
  ruleCountForExistence,
  ruleIoInTransaction,
  ruleOffsetPaginationDeep,
  ruleQueryInLoop,
  ruleRedisBlockingCommand,
  ruleRelationCountInList,
  ruleUnboundedCount,
  ruleUnboundedQuery,
  ruleUncappedPageSize,
  ruleUnexecutedQuery,
  ruleInt32PrimaryKey,
  ruleMigrationBlockingLock,
  ruleErrorReportedAsSuccess,
  ruleHighCardinalityMetricLabel,
  ruleDockerSignalForwarding,
  ruleFloatingPromise,
  ruleMissingGracefulShutdown,
  ruleSwallowedProcessError,
  ruleSyncCallInRequestPath,
  ruleUnhandledAsyncCallback,
  ruleDependencyBelowSlo,
  ruleLivenessChecksDependency,
  rulePoisonMessageRequeue,
  ruleClientPerRequest,
  ruleConnectionNotReleased,
  ruleMissingErrorListener,
  ruleUnboundedMemoryCache,
  ruleUnconsumedResponseBody,
  ruleQueueJobDefaults,
  ruleRetryNonIdempotent,
  ruleRetryWithoutBackoff,
  ruleStackedRetries,
  ruleUnboundedRetry,
  ruleBrokenTimeout,
  ruleExecWithoutTimeout,
  ruleKeepaliveShorterThanLb,
  ruleMissingDbTimeout,
  ruleMissingHttpTimeout,
  ruleTimeoutExceedsSlo,
];
