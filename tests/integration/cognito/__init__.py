"""Accounts in AWS Cognito, with servers on loopback that stand in for AWS."""
