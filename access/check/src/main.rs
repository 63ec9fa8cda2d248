//! The policies, checked against their schema and evaluated by Cedar for every role, every action and both circumstances:
//! what the server looks up. Without an argument compares with `decisions.csv`; with `--write` writes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
    process::ExitCode,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};

const ROLES: [&str; 7] = [
    "registrar",
    "quota-officer",
    "proposal-officer",
    "authorised-body",
    "auditor",
    "operator",
    "public",
];

fn uid(kind: &str, name: &str) -> Result<EntityUid, Box<dyn Error>> {
    Ok(format!("Qonys::{kind}::\"{name}\"").parse()?)
}

/// The policies, each under the id that its annotation gives it.
fn policies(text: &str) -> Result<PolicySet, Box<dyn Error>> {
    let mut named = PolicySet::new();
    for policy in text.parse::<PolicySet>()?.policies() {
        let id = policy.annotation("id").ok_or("a policy has no @id")?;
        let policy: Policy = policy.new_id(id.parse()?);
        named.add(policy)?;
    }
    Ok(named)
}

fn evaluated(dir: &Path) -> Result<String, Box<dyn Error>> {
    let schema_text = fs::read_to_string(dir.join("access.cedarschema"))?;
    let (schema, warnings) = Schema::from_cedarschema_str(&schema_text)?;
    for warning in warnings {
        return Err(warning.to_string().into());
    }
    let policies = policies(&fs::read_to_string(dir.join("access.cedar"))?)?;
    let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
    let faults: Vec<String> = result
        .validation_errors()
        .map(ToString::to_string)
        .collect();
    let doubts: Vec<String> = result
        .validation_warnings()
        .map(ToString::to_string)
        .collect();
    if !faults.is_empty() || !doubts.is_empty() {
        return Err([faults, doubts].concat().join("\n").into());
    }
    let known: BTreeSet<String> = schema
        .actions()
        .map(|uid| uid.id().unescaped().to_owned())
        .collect();
    let operations = fs::read_to_string(dir.join("operations.csv"))?;
    let used: BTreeSet<String> = operations
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(',').map(|(_, action)| action.to_owned()))
        .collect();
    if known != used {
        let differing: Vec<_> = known.symmetric_difference(&used).collect();
        return Err(
            format!("actions of the schema and of operations.csv differ: {differing:?}").into(),
        );
    }
    let mut deciding: BTreeMap<String, u32> = policies
        .policies()
        .map(|p| (p.id().to_string(), 0))
        .collect();
    let mut out = String::from("role,action,own,decision,policies\n");
    for role in ROLES {
        let role_uid = uid("Role", role)?;
        let principal = uid("Principal", "asker")?;
        let entities = Entities::from_entities(
            [
                Entity::new(role_uid.clone(), Default::default(), Default::default())?,
                Entity::new(principal.clone(), Default::default(), [role_uid].into())?,
            ],
            Some(&schema),
        )?;
        for action in &known {
            for own in [false, true] {
                let action_uid = uid("Action", action)?;
                let context =
                    Context::from_pairs([("own".to_owned(), RestrictedExpression::new_bool(own))])?;
                let request = Request::new(
                    principal.clone(),
                    action_uid,
                    uid("Register", "main")?,
                    context,
                    Some(&schema),
                )?;
                let answer = Authorizer::new().is_authorized(&request, &policies, &entities);
                if let Some(error) = answer.diagnostics().errors().next() {
                    return Err(error.to_string().into());
                }
                let reasons: BTreeSet<String> = answer
                    .diagnostics()
                    .reason()
                    .map(ToString::to_string)
                    .collect();
                for reason in &reasons {
                    *deciding.entry(reason.clone()).or_default() += 1;
                }
                let decision = match answer.decision() {
                    Decision::Allow => "allow",
                    Decision::Deny => "deny",
                };
                let reasons: Vec<String> = reasons.into_iter().collect();
                out.push_str(&format!(
                    "{role},{action},{own},{decision},{}\n",
                    reasons.join(" ")
                ));
            }
        }
    }
    if let Some((idle, _)) = deciding.iter().find(|(_, count)| **count == 0) {
        return Err(format!("the policy {idle} never decides anything").into());
    }
    Ok(out)
}

fn run() -> Result<(), Box<dyn Error>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = dir.join("decisions.csv");
    let evaluated = evaluated(&dir)?;
    let rows = evaluated.lines().count() - 1;
    if std::env::args().any(|argument| argument == "--write") {
        fs::write(&file, evaluated)?;
        println!("{rows} decisions written");
        return Ok(());
    }
    if fs::read_to_string(&file)? != evaluated {
        return Err(
            "access/decisions.csv is not what the policies say: run `cargo xtask policies --write`"
                .into(),
        );
    }
    println!("{rows} decisions are as Cedar evaluates the policies");
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
