// Ten rules of the policy pack, written the public way, with @pulumi/policy. In JavaScript: TypeScript would compile first.
const { PolicyPack } = require("@pulumi/policy");

const of = (type, name, wrong) => ({
    name,
    description: name,
    enforcementLevel: "advisory",
    validateResource: (args, report) => {
        if (args.type === type && wrong(args.props)) {
            report(name);
        }
    },
});

const database = "aws:rds/instance:Instance";

new PolicyPack("nodejs", {
    policies: [
        of(database, "rds-storage-encrypted", (props) => props.storageEncrypted !== true),
        of(database, "rds-backup-retention", (props) => !(props.backupRetentionPeriod >= 7)),
        of(database, "rds-not-public", (props) => props.publiclyAccessible === true),
        of(database, "rds-deletion-protection", (props) => props.deletionProtection !== true),
        of("aws:cloudwatch/logGroup:LogGroup", "cloudwatch-log-retention", (props) => !props.retentionInDays),
        of("aws:cloudwatch/metricAlarm:MetricAlarm", "cloudwatch-alarm-actions-enabled", (props) => props.actionsEnabled === false),
        of("aws:lambda/function:Function", "lambda-tracing", (props) => props.tracingConfig?.mode !== "Active"),
        of("aws:sns/topic:Topic", "sns-encrypted", (props) => !props.kmsMasterKeyId),
        of("aws:ec2/launchTemplate:LaunchTemplate", "ec2-imdsv2", (props) => props.metadataOptions?.httpTokens !== "required"),
        {
            name: "dashboard",
            description: "dashboard",
            enforcementLevel: "advisory",
            validateStack: (args, report) => {
                if (!args.resources.some((each) => each.type === "aws:cloudwatch/dashboard:Dashboard")) {
                    report("dashboard");
                }
            },
        },
    ],
});
