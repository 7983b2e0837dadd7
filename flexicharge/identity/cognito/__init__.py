"""Accounts and tokens of an AWS Cognito user pool; boto3 is needed for `aws` alone."""
